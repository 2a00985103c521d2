"""Routes of the machine that follows: the record as it grows, the office's other files, and which office this is."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from queue_server.http.desk import Desk, answer
from queue_server.journal.anchor import End
from queue_server.journal.entry import GENESIS

FOLLOWER = frozenset({"follower"})  # its token opens the keys, so no other role opens this by the way


def follower_routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["office"])

    @router.get("/generation")
    async def generation(request: Request) -> Response:  # noqa: ARG001  everybody may ask
        """Which office serves here, and in which generation: after a restore or a take-over it is higher."""
        return answer(desk.followers.identity())

    @router.get("/follower/entries")
    async def entries(
        request: Request,
        after: Annotated[int, Query(ge=0, description="Number of the newest entry that the follower holds.")] = 0,
        hash: Annotated[str, Query(max_length=64, description="The hash of that entry.")] = GENESIS,  # noqa: A002
        address: Annotated[str, Query(max_length=200, description="Where it will serve after a take-over.")] = "",
        files: Annotated[str, Query(max_length=64, description="The digest of the marks that it holds.")] = "",
    ) -> Response:
        """Entries of the journal after one, whole; waits up to a second where there is none yet."""
        desk.require(request, FOLLOWER)
        place = address or (request.client.host if request.client else "")
        return answer(await desk.followers.after(End(after, hash), files, place))

    @router.get("/follower/files/{name:path}")
    async def file(name: str, request: Request) -> Response:
        """One of the files that an office has besides its journal, keys among them."""
        desk.require(request, FOLLOWER)
        return Response(await desk.followers.content(name), media_type="application/octet-stream")

    return router
