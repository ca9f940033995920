"""Sign-in with the agency's OpenID Connect provider, by Authlib.

The provider says who it is and with which factors; an administrator has added the person here and
given the roles. Nobody is added by signing in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, redirect, render_template, request, session, url_for

from analytics.access.needs import Open, needs
from analytics.errors import PatrolIQError
from analytics.settings import Settings
from security.access_trail import note_access
from security.headers import is_own_name
from security.identity import Identity
from security.sign_in import own_path

METHOD = "provider"
NEXT = "provider-next"
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
DISCOVERY = "/.well-known/openid-configuration"


def register(server: Flask, identity: Identity) -> None:
    """Add the routes, where a provider is set."""
    settings = identity.settings
    if not settings.oidc_issuer:
        return
    # Authlib and requests load only where a provider is set.
    from authlib.integrations.base_client import OAuthError  # noqa: PLC0415
    from authlib.integrations.flask_client import OAuth  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    provider = OAuth(server).register(
        "provider",
        client_id=settings.oidc_client,
        client_secret=settings.oidc_secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + DISCOVERY,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )

    @server.get("/sign-in/provider")
    @needs(Open.ANYONE)
    def to_provider() -> Any:
        """Send the browser to the provider: by a link, as forms may not lead to other sites."""
        session[NEXT] = own_path(request.args.get("next", ""))
        try:
            _limit(provider.load_server_metadata(), settings)
            return provider.authorize_redirect(_address_of_return(), max_age=_longest_s(settings))
        except (RequestException, OAuthError, KeyError) as error:
            return _refused(settings, "", f"The provider does not answer ({type(error).__name__}).")

    @server.get("/sign-in/provider/done")
    @needs(Open.ANYONE)
    def from_provider() -> Any:
        """Sign in whom the provider names."""
        wanted = own_path(session.get(NEXT, ""))
        try:
            _limit(provider.load_server_metadata(), settings)
            claims = provider.authorize_access_token()["userinfo"]
        except (OAuthError, RequestException, JoseError, KeyError) as error:
            why = f"The provider's answer is not valid ({type(error).__name__})."
            return _refused(settings, "", why)
        name = str(claims.get(settings.oidc_claim) or "")
        if lack := lack_of(claims, settings):
            return _refused(settings, name, lack)
        try:
            identity.enter(identity.people.signed_in(name), METHOD)
        except PatrolIQError:
            return _refused(settings, name, f"There is no account for {name!r} here.")
        return redirect(wanted)


def lack_of(claims: Mapping[str, Any], settings: Settings) -> str:
    """What a provider's claims lack, as a sentence; empty if they suffice."""
    if not claims.get(settings.oidc_claim):
        return f"The provider does not give the claim {settings.oidc_claim!r}."
    if settings.oidc_claim == "email" and claims.get("email_verified") is not True:
        return "The provider has not verified the email address."
    signed_in = claims.get("auth_time")
    if isinstance(signed_in, int | float) and time.time() - signed_in > _longest_s(settings):
        return "The sign-in at the provider is too old; sign in there again."
    used = claims.get("amr")
    listed = used if isinstance(used, list) else [used]
    given = {one for one in listed if isinstance(one, str)}
    if "any" not in settings.oidc_factors and not given & {*settings.oidc_factors}:
        wanted = ", ".join(settings.oidc_factors)
        return f"The provider did not confirm a second factor (amr: {wanted})."
    return ""


def _limit(metadata: dict[str, Any], settings: Settings) -> None:
    """Take only signed tokens, whatever the provider's metadata allows, and only its own.

    Raises
    ------
    KeyError
        The metadata is of another provider.
    """
    if str(metadata["issuer"]).rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise KeyError("issuer")
    metadata["id_token_signing_alg_values_supported"] = list(SIGNED_WITH)


def _longest_s(settings: Settings) -> int:
    """How long ago a person may have signed in at the provider, in seconds."""
    return settings.session_hours * 3600


def _address_of_return() -> str:
    """Our own address for the provider, over HTTPS except on this machine."""
    is_here = is_own_name(request.host, frozenset())
    scheme = request.scheme if is_here else "https"
    return url_for("from_provider", _external=True, _scheme=scheme)


def _refused(settings: Settings, name: str, why: str) -> tuple[str, int]:
    note_access("sign-in", name, outcome="refused", details={"method": METHOD, "reason": why})
    shown = render_template(
        "sign_in.html", notice=settings.use_notice, name="", trouble=why, provider=True, next="/"
    )
    return shown, 403
