"""Waiting for a free unit: the queue M/M/c.

References
----------
Erlang (1917), Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges.
Chaiken & Dormont (1978), A patrol car allocation model: background, Management Science 24: PCAM,
which applies it to patrol cars. Here all calls have one priority.
"""

from __future__ import annotations

MOST_UNITS = 10_000


def blocking(load: float, servers: int) -> float:
    """Erlang B, the share of arrivals that find all servers busy and leave."""
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def chance_to_wait(load: float, servers: int) -> float:
    """Erlang C, the share of arrivals that wait for a free server.

    Parameters
    ----------
    load : arrivals per hour × mean hours of service, the mean number of busy servers
    servers : 1 if there are not more servers than the load, since the queue then grows forever
    """
    if load <= 0:
        return 0.0
    if servers <= load:
        return 1.0
    blocked = blocking(load, servers)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait(load: float, servers: int, service: float) -> float:
    """Mean wait of all arrivals, in the unit of `service`, the mean time of a service.

    It is infinite if there are not more servers than the load.
    """
    if load <= 0:
        return 0.0
    if servers <= load:
        return float("inf")
    return chance_to_wait(load, servers) * service / (servers - load)


def servers_for(load: float, most_waiting: float) -> int:
    """The fewest servers with which at most a share of arrivals waits."""
    servers = int(load) + 1 if load > 0 else 0
    while servers < MOST_UNITS and chance_to_wait(load, servers) > most_waiting:
        servers += 1
    return servers
