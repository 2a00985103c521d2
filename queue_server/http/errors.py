"""Every failure as a problem with a stable code; nothing inside the server is shown."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from queue_server.contract.problems import Problem, Refused
from queue_server.http.desk import problem
from queue_server.logs import Log

log = Log(__name__)

BY_STATUS = {
    401: Problem.NOT_SIGNED_IN,
    403: Problem.FORBIDDEN,
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
    413: Problem.BODY_TOO_LARGE,
}
SHOWN_ERRORS = 10


async def on_refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error.code, error.detail)


async def on_invalid(_request: Request, error: Exception) -> Response:
    """Names the fields that are wrong; what was sent is not sent back."""
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"field": ".".join(str(part) for part in item["loc"][1:])[:80], "message": str(item["msg"])[:200]}
        for item in error.errors()[:SHOWN_ERRORS]
    ]
    return problem(Problem.BODY_INVALID, "; ".join(f"{w['field']}: {w['message']}" for w in wrong), {"errors": wrong})


async def on_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = BY_STATUS.get(error.status_code)
    if code is None:
        return problem(Problem.BODY_INVALID, str(error.detail))
    answer = problem(code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def on_bug(_request: Request, _error: Exception) -> Response:
    """Starlette has logged the traceback; the caller learns only that it was not carried out for sure."""
    return problem(Problem.STORAGE_FAILED, "internal error")


def install_errors(app: FastAPI) -> None:
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)
