"""Routes of the catalogue: services with their live wait, fields, procedures, search in plain words."""

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from queue_server.catalogue.model import Catalogue, Procedure
from queue_server.catalogue.rows import catalogue_about, procedure_detail, procedure_summary
from queue_server.catalogue.search import SearchIndex, build_index, search
from queue_server.contract.problems import Problem, Refused
from queue_server.http.desk import Desk, answer

Language = Annotated[str, Query(pattern="^(vi|en)$")]
RESULTS = 20


class CatalogueShelf:
    """The catalogue in force, indexed when it is first asked for and again when another version comes into force."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._index: tuple[str, SearchIndex] | None = None
        self._whole: dict[tuple[str, date], tuple[str, bytes]] = {}

    @property
    def catalogue(self) -> Catalogue:
        return self._desk.source.catalogue()

    def index(self) -> SearchIndex:
        catalogue = self.catalogue
        if self._index is None or self._index[0] != catalogue.id:
            self._index = (catalogue.id, build_index(catalogue, self._desk.site.everyday))
        return self._index[1]

    def service(self, procedure: Procedure) -> str | None:
        return self._desk.site.service_of(procedure)

    def detail(self, procedure: Procedure, language: str, today: date) -> dict[str, Any]:
        """Everything about one procedure at this office."""
        connected = self._desk.site.connected_data
        return procedure_detail(procedure, language, today, service=self.service(procedure), connected=connected)

    def whole(self, today: date) -> tuple[str, bytes]:
        """The catalogue with all details in both languages, and its tag; made once a day."""
        key = (self.catalogue.id, today)
        if key not in self._whole:
            body = orjson.dumps(self._everything(today))
            self._whole = {key: (hashlib.sha256(body).hexdigest()[:20], body)}
        return self._whole[key]

    def _everything(self, today: date) -> dict[str, Any]:
        catalogue = self.catalogue
        procedures = []
        for known in catalogue.procedures.values():
            row = self.detail(known, "vi", today)
            row["en"] = self.detail(known, "en", today)
            procedures.append(row)
        return {
            "version": catalogue.id,
            "about": catalogue_about(catalogue),
            "fields": fields(self._desk, catalogue),
            "procedures": procedures,
            "everyday": asdict(self._desk.site.everyday),
        }


def fields(desk: Desk, catalogue: Catalogue) -> list[dict[str, object]]:
    """Fields that this office receives, with the number of their procedures."""
    counts: dict[str, int] = {}
    for procedure in catalogue.procedures.values():
        if desk.site.service_of(procedure) is not None:
            counts[procedure.field] = counts.get(procedure.field, 0) + 1
    return [
        {"id": f.id, "name": f.name, "procedures": counts[f.id], "service": desk.site.by_field.get(f.id)}
        for f in catalogue.fields.values()
        if f.id in counts
    ]


def catalogue_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["catalogue"])
    shelf = CatalogueShelf(desk)

    @router.get("/services")
    async def services() -> Response:
        """Every service with people waiting and the waiting interval now."""
        now = desk.source.now()
        open_now = desk.site.is_open(None, now) and not desk.office.state.closed
        return answer({"services": [asdict(row) for row in desk.source.services()], "open": open_now, "as_of": now})

    @router.get("/fields")
    async def all_fields() -> Response:
        """The fields of the catalogue that this office receives."""
        return answer({"fields": fields(desk, shelf.catalogue)})

    @router.get("/procedures")
    async def procedures(
        q: Annotated[str, Query(max_length=200)] = "",
        field: Annotated[str | None, Query(max_length=64)] = None,
        lang: Language = "vi",
        limit: Annotated[int, Query(ge=1, le=200)] = RESULTS,
    ) -> Response:
        """Searches in plain words, with or without accents; without words lists the procedures of a field."""
        today = desk.source.today()
        if q.strip():
            found = [hit.procedure for hit in search(shelf.index(), q, limit)]
        else:
            found = [p for p in shelf.catalogue.procedures.values() if field in (None, p.field)][:limit]
        rows = [procedure_summary(p, lang, today, service=shelf.service(p)) for p in found]
        return answer({"procedures": rows, "query": q})

    @router.get("/procedures/{procedure}")
    async def procedure(procedure: str, lang: Language = "vi") -> Response:
        """What to bring, fee, time limit, where."""
        known = shelf.catalogue.procedures.get(procedure) or shelf.catalogue.by_code(procedure)
        if known is None:
            raise Refused(Problem.NOT_FOUND, f"no procedure {procedure[:64]}")
        return answer(shelf.detail(known, lang, desk.source.today()))

    @router.get("/catalogue")
    async def catalogue(request: Request) -> Response:
        """The whole catalogue for a kiosk to keep; 304 when it has this version already."""
        tag, body = shelf.whole(desk.source.today())
        headers = {"etag": f'"{tag}"', "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    return router
