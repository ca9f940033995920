"""Every route, callback, form and job names what it needs; whatever names nothing is denied."""

from __future__ import annotations

import pytest
from dash import Dash

from analytics.access.needs import need_of
from analytics.access.reader import Reader, reading
from analytics.access.roles import Permission, Role
from analytics.crossfilter.selection import EMPTY
from analytics.errors import NotAllowedError
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.forecast import answer as forecast
from callbacks.frame import work
from callbacks.frame.pages import PAGES
from callbacks.frame.question import Question
from callbacks.hotspots import actions as hotspots
from callbacks.models import answer as models
from callbacks.patrol import actions as patrol
from callbacks.responsible_use import answer as responsible_use
from callbacks.temporal import profiles
from jobs.commands import ALLOWED, permission_of
from jobs.queue import Queue
from security.gate import OF_LIBRARIES
from tests import ROOT

FORMS = {
    f"{module.__name__}:{name}": action
    for module in (forecast, hotspots, models, patrol, responsible_use, profiles)
    for name, action in module.ACTIONS.items()
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    return create_app(Settings(home=tmp_path_factory.mktemp("permissions")))


@pytest.fixture
def services(settings: Settings, small: Snapshot) -> Services:
    return Services(settings)


def test_every_route_names_what_it_needs(app: Dash) -> None:
    views = app.server.view_functions
    rules = {rule.rule: need_of(views[rule.endpoint]) for rule in app.server.url_map.iter_rules()}
    assert [rule for rule, need in rules.items() if need is None and rule not in OF_LIBRARIES] == []
    assert OF_LIBRARIES.keys() <= rules.keys()


def test_every_callback_names_a_permission(app: Dash) -> None:
    asked = [need_of(one["callback"]) for one in app.callback_map.values() if "callback" in one]
    assert len(asked) == len(PAGES) + 2  # with the box of questions, and opening a page
    assert all(isinstance(need, Permission) for need in asked)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_names_a_permission_besides_reading(name: str) -> None:
    assert work.permission_of_act(FORMS[name]) not in (Permission.PAGES, Permission.SEARCH)


def test_the_page_hides_forms_from_those_who_may_not_send_them() -> None:
    css = (ROOT / "assets/frame/session.css").read_text().split("html:not(.may-")
    hides = {rule.partition(")")[0]: rule for rule in css}
    for name, action in FORMS.items():
        act = name.partition(":")[2]
        assert f'[data-act="{act}"]' in hides[work.permission_of_act(action)], name


@pytest.mark.parametrize("words", ALLOWED, ids=" ".join)
def test_every_job_names_a_permission_besides_reading(words: tuple[str, ...]) -> None:
    assert permission_of(words) not in (Permission.PAGES, Permission.SEARCH)


def test_a_route_that_names_nothing_is_denied_to_everybody(settings: Settings) -> None:
    server = create_app(settings).server
    server.add_url_rule("/unnamed", "unnamed", lambda: "leaked")
    answer = server.test_client().get("/unnamed")
    assert answer.status_code == 403
    assert "leaked" not in answer.text


def test_a_form_that_names_nothing_is_denied_to_everybody(services: Services) -> None:
    pinned = services.pin()
    assert pinned is not None
    gesture = {"action": "act", "name": "form"}
    question = Question(services, pinned, EMPTY, gesture=gesture)
    done: list[str] = []

    def unnamed(_question: Question) -> str:
        done.append("done")
        return "done"

    work.perform(question, {"form": unnamed})
    assert done == []


def test_jobs_need_the_permission_of_their_command_and_others_jobs_one_of_its_own(
    services: Services,
) -> None:
    pinned = services.pin()
    assert pinned is not None
    kim = Reader("Kim", frozenset({Role.ANALYST}))
    lee = Reader("Lee", frozenset({Role.ANALYST}))
    boss = Reader("Max", frozenset({Role.APPROVER}))
    question = Question(services, pinned, EMPTY)
    with reading(kim):
        work.queue(question, ["train", "zones_dbscan"])
        with pytest.raises(NotAllowedError, match="promote"):
            work.queue(question, ["models", "promote", "zones_dbscan", "1"])
        work.queue(question, ["train", "zones_foot", "--promote-first"])
    assert Queue(services.state).get(2).command == ("train", "zones_foot")
    cancel = Question(
        services,
        pinned,
        EMPTY,
        gesture={"action": "act", "name": "cancel", "values": {"job": "1"}},
    )
    with reading(lee), pytest.raises(NotAllowedError, match="cancel"):
        work.cancel(cancel)
    with reading(boss):
        work.cancel(cancel)
