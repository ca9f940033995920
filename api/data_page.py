"""The Data page: load a file, see what is served and what was refused, go back to a snapshot.

It stands beside the app's pages, since it must also work where no incidents are loaded yet.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.services import Services

ADDRESS = "/data"


def register(server: Flask, services: Services) -> None:
    @server.get(ADDRESS)
    @needs(Permission.DATA)
    def data() -> str:
        """What is served, what was refused, and files on their way in."""
        return _overview().page(services)

    @server.post(ADDRESS)
    @needs(Permission.DATA)
    def change_data() -> Any:
        """Take a file of the drop folder, remove an upload, or go back to a snapshot."""
        return _overview().change(services)

    @server.get(f"{ADDRESS}/dictionary")
    @needs(Permission.DATA)
    def dictionary() -> str:
        """Fields and codes of the data, and how PatrolIQ reads them."""
        return _overview().dictionary_page(services)

    @server.get("/export/dictionary.csv")
    @needs(Permission.DATA)
    def dictionary_csv() -> Response:
        """The same as a table."""
        return _overview().dictionary_csv(services)

    @server.get("/export/quarantine.csv")
    @needs(Permission.DATA)
    def quarantine_csv() -> Response:
        """Refused rows as they were read, with the reasons."""
        return _overview().quarantine_csv(services)

    @server.post(f"{ADDRESS}/uploads")
    @needs(Permission.DATA)
    def begin_upload() -> Response:
        """Announce a file, which is then sent in parts."""
        return _uploads().begin(services)

    @server.post(f"{ADDRESS}/uploads/<upload_id>/parts")
    @needs(Permission.DATA)
    def send_part(upload_id: str) -> Response:
        """Take a part of a file; after the last one, the file is looked at."""
        return _uploads().take_part(services, upload_id)

    @server.get(f"{ADDRESS}/uploads/<upload_id>/state")
    @needs(Permission.DATA)
    def upload_state(upload_id: str) -> Response:
        """What is being done with an upload."""
        return _uploads().state(services, upload_id)

    @server.get(f"{ADDRESS}/uploads/<upload_id>")
    @needs(Permission.DATA)
    def upload(upload_id: str) -> Any:
        """What was understood of a file, with the forms that change and load it."""
        return _uploads().page(services, upload_id)

    @server.post(f"{ADDRESS}/uploads/<upload_id>")
    @needs(Permission.DATA)
    def change_upload(upload_id: str) -> Any:
        """Understand a file in another way, try it, or load it."""
        return _uploads().change(services, upload_id)


def _overview() -> Any:
    from api import data_answers  # noqa: PLC0415 - a worker starts without what it loads

    return data_answers


def _uploads() -> Any:
    from api import upload_answers  # noqa: PLC0415

    return upload_answers
