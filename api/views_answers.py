"""Answers of the page of saved views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from analytics.access_notes import note
from analytics.crossfilter.outline_names import outline_names
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.errors import InputError, PatrolIQError
from analytics.saved_views import SavedView, SavedViews, ViewAddress, recent_views
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from api.form_acts import chosen_act
from api.sharing_form import chosen_roles, offered_roles

KEPT_DATES = "kept"
DATES = {
    KEPT_DATES: "as they are now",
    "last7d": "the last 7 days",
    "last28d": "the last 28 days",
    "mtd": "this month to date",
    "ytd": "this year to date",
    "all": "all dates",
}


@dataclass(frozen=True)
class ShownView:
    """A view with what it shows, in words."""

    view: SavedView
    page: str
    filters: str


def page(services: Services, *, said: str = "", trouble: str = "") -> str:
    """The views, and the form for the address of the query."""
    views = SavedViews(services.state, services.settings)
    note("views.viewed", "views")
    pinned = services.pin()

    def tell(view: SavedView) -> ShownView:
        return ShownView(view, _page_name(view.address), _filters(view.address, pinned))

    address = request.values.get("address", "")
    saving: ViewAddress | None = None
    try:
        saving = ViewAddress.parse(address) if address and not said else None
    except InputError as error:
        trouble = trouble or str(error)
    return render_template(
        "views.html",
        own=[tell(one) for one in views.own()],
        shared=[tell(one) for one in views.shared()],
        saving=saving,
        saving_words=_filters(saving, pinned) if saving else "",
        recent=[
            (one, _page_name(one), _filters(one, pinned))
            for one in recent_views(services.state, services.settings)
        ],
        dates=DATES,
        roles=offered_roles(),
        said=said,
        trouble=trouble,
    )


def change(services: Services) -> Any:
    """Save, rename, share or remove a view."""
    try:
        views = SavedViews(services.state, services.settings)
        return page(services, said=chosen_act(CHANGES)(views))
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error)), 400


def _save(views: SavedViews) -> str:
    address = ViewAddress.parse(request.form.get("address", ""))
    dates = request.form.get("dates", KEPT_DATES)
    if dates not in DATES:
        raise InputError("These dates are not offered.")
    if dates != KEPT_DATES:
        address = address.dated(dates)
    return f"Saved {views.save(request.form.get('name', ''), address, chosen_roles()).name}."


def _rename(views: SavedViews) -> str:
    return f"Changed {views.change(_id(), request.form.get('name', ''), chosen_roles()).name}."


def _remove(views: SavedViews) -> str:
    return f"Removed {views.remove(_id()).name}."


CHANGES: dict[str, Callable[[SavedViews], str]] = {
    "save": _save,
    "change": _rename,
    "remove": _remove,
}


def _id() -> int:
    number = whole_number(request.form.get("view"))
    if number is None:
        raise InputError("The form names no view.")
    return number


def _page_name(address: ViewAddress) -> str:
    return address.path.strip("/").replace("-", " ").capitalize() or "Overview"


def _filters(address: ViewAddress, pinned: Pinned | None) -> str:
    """The filters in words; their text where this data does not know them."""
    if address.selection is None:
        return "A long list of filters"
    selection: Selection = address.selection
    if pinned is None:
        return selection.text
    try:
        named = pinned.vocabulary.with_area_names(selection)
        return sentence(named, pinned.snapshot.manifest, outline_names(pinned.snapshot))
    except PatrolIQError:
        return selection.text
