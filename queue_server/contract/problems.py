"""Problem codes: the stable names of everything that can be refused, with their HTTP status and words."""

from enum import StrEnum


class Problem(StrEnum):
    """A stable code; programs compare it, screens translate it."""

    ALREADY_OPEN = "already-open"
    BODY_INVALID = "body-invalid"
    BODY_TOO_LARGE = "body-too-large"
    CALL_LIMIT = "recall-limit"
    CALL_TOO_SOON = "recall-too-soon"
    CLASS_UNKNOWN = "class-unknown"
    COMMAND_EXPIRED = "command-expired"
    COMMAND_ID_REUSED = "command-id-reused"
    COUNTER_BUSY = "counter-busy"
    COUNTER_CLOSED = "counter-closed"
    COUNTER_IDLE = "counter-idle"
    COUNTER_NOT_PAUSED = "counter-not-paused"
    COUNTER_PAUSED = "counter-paused"
    COUNTER_TAKEN = "counter-taken"
    COUNTER_UNKNOWN = "counter-unknown"
    COUNTER_WRONG = "counter-wrong"
    DAY_CLOSED = "day-closed"
    DAY_EMPTY = "day-empty"
    DAY_OTHER = "day-other"
    DAY_UNKNOWN = "day-unknown"
    FORBIDDEN = "forbidden"
    FEEDBACK_TOO_EARLY = "feedback-too-early"
    FEEDBACK_GIVEN = "feedback-given"
    HELP_UNKNOWN = "help-unknown"
    KIOSK_UNKNOWN = "kiosk-unknown"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_FOUND = "not-found"
    NOT_SIGNED_IN = "not-signed-in"
    NO_SHOW_TOO_SOON = "no-show-too-soon"
    NUMBER_AMBIGUOUS = "number-ambiguous"
    NUMBER_NOT_HANDED_IN = "number-not-handed-in"
    NUMBER_NOT_LEASED = "number-not-leased"
    NUMBER_USED = "number-used"
    OFFICE_CLOSED = "office-closed"
    POLICY_UNKNOWN = "policy-unknown"
    POSTPONE_LIMIT = "postpone-limit"
    PROCEDURE_UNKNOWN = "procedure-unknown"
    RECORD_PARTED = "record-parted"
    REINSTATE_TOO_LATE = "reinstate-too-late"
    REPLAY_BUSY = "replay-busy"
    REPLAY_IDLE = "replay-idle"
    REPLAY_IMPOSSIBLE = "replay-impossible"
    REPLAY_TOO_LONG = "replay-too-long"
    SERVICE_NOT_OFFERED = "service-not-offered"
    SERVICE_UNKNOWN = "service-unknown"
    SERVICE_WANTED = "service-wanted"
    SKILL_MISSING = "skill-missing"
    STORAGE_FAILED = "storage-failed"
    TICKET_STATE = "ticket-state"
    TICKET_UNKNOWN = "ticket-unknown"
    TIME_INVALID = "time-invalid"
    TOO_MANY_REQUESTS = "too-many-requests"
    TRANSFER_NOWHERE = "transfer-nowhere"
    VISIT_AT_COUNTER = "visit-at-counter"


STATUS: dict[Problem, int] = {
    Problem.BODY_INVALID: 422,
    Problem.BODY_TOO_LARGE: 413,
    Problem.CLASS_UNKNOWN: 422,
    Problem.COMMAND_ID_REUSED: 422,
    Problem.COUNTER_UNKNOWN: 404,
    Problem.DAY_UNKNOWN: 404,
    Problem.FORBIDDEN: 403,
    Problem.HELP_UNKNOWN: 404,
    Problem.KIOSK_UNKNOWN: 404,
    Problem.METHOD_NOT_ALLOWED: 405,
    Problem.NOT_FOUND: 404,
    Problem.NOT_SIGNED_IN: 401,
    Problem.OFFICE_CLOSED: 409,
    Problem.POLICY_UNKNOWN: 422,
    Problem.PROCEDURE_UNKNOWN: 422,
    Problem.REPLAY_IMPOSSIBLE: 422,
    Problem.REPLAY_TOO_LONG: 504,
    Problem.SERVICE_UNKNOWN: 422,
    Problem.STORAGE_FAILED: 503,
    Problem.TICKET_UNKNOWN: 404,
    Problem.TIME_INVALID: 422,
    Problem.TOO_MANY_REQUESTS: 429,
}

TITLES: dict[Problem, tuple[str, str]] = {
    Problem.ALREADY_OPEN: ("Đã mở rồi.", "It is open already."),
    Problem.BODY_INVALID: ("Dữ liệu gửi lên không hợp lệ.", "The data sent is not valid."),
    Problem.BODY_TOO_LARGE: ("Dữ liệu gửi lên quá lớn.", "The data sent is too large."),
    Problem.CALL_LIMIT: ("Đã gọi lại đủ số lần cho phép.", "This number has been recalled as often as allowed."),
    Problem.CALL_TOO_SOON: ("Vừa gọi xong, xin chờ một chút.", "It was called a moment ago; please wait."),
    Problem.CLASS_UNKNOWN: ("Không có diện ưu tiên này.", "There is no such priority class."),
    Problem.COMMAND_EXPIRED: ("Lệnh đã quá hạn.", "The command has expired."),
    Problem.COMMAND_ID_REUSED: ("Mã lệnh đã dùng cho lệnh khác.", "The command id was used for another command."),
    Problem.COUNTER_BUSY: ("Quầy đang phục vụ một số khác.", "The counter is with another number."),
    Problem.COUNTER_CLOSED: ("Quầy chưa mở.", "The counter is not open."),
    Problem.COUNTER_IDLE: ("Quầy chưa gọi số nào.", "The counter has called no number."),
    Problem.COUNTER_NOT_PAUSED: ("Quầy không tạm ngưng.", "The counter is not paused."),
    Problem.COUNTER_PAUSED: ("Quầy đang tạm ngưng.", "The counter is paused."),
    Problem.COUNTER_TAKEN: ("Quầy đang có cán bộ khác.", "Another officer is at this counter."),
    Problem.COUNTER_UNKNOWN: ("Không có quầy này.", "There is no such counter."),
    Problem.COUNTER_WRONG: ("Số này đang ở quầy khác.", "This number is at another counter."),
    Problem.DAY_CLOSED: ("Ngày làm việc đã kết thúc.", "The office day is closed."),
    Problem.DAY_EMPTY: ("Không có lượt khách nào trong những ngày đã chọn.", "Nobody came on the days chosen."),
    Problem.DAY_OTHER: ("Số này thuộc một ngày làm việc khác.", "This number belongs to another office day."),
    Problem.DAY_UNKNOWN: ("Sổ không có ngày này, hoặc ngày chưa kết thúc.", "No such past day in the journal."),
    Problem.FORBIDDEN: ("Tài khoản không có quyền này.", "This account may not do that."),
    Problem.FEEDBACK_TOO_EARLY: ("Xin đánh giá sau khi xong việc.", "Please rate after you have been served."),
    Problem.FEEDBACK_GIVEN: ("Ông/bà đã đánh giá rồi.", "You have rated already."),
    Problem.HELP_UNKNOWN: ("Không có yêu cầu giúp đỡ này.", "There is no such call for help."),
    Problem.KIOSK_UNKNOWN: ("Không có ki-ốt này.", "There is no such kiosk."),
    Problem.METHOD_NOT_ALLOWED: ("Cách gọi này không dùng được ở đây.", "This method does not work here."),
    Problem.NOT_FOUND: ("Không tìm thấy.", "Not found."),
    Problem.NOT_SIGNED_IN: ("Xin đăng nhập.", "Please sign in."),
    Problem.NO_SHOW_TOO_SOON: (
        "Vừa gọi xong, xin chờ người dân đến quầy.",
        "This number was called a moment ago; please give the person time to come.",
    ),
    Problem.NUMBER_AMBIGUOUS: (
        "Có nhiều số như vậy, xin gõ cả chữ cái.",
        "Several numbers read like this; please type the letter too.",
    ),
    Problem.NUMBER_NOT_HANDED_IN: (
        "Số này ki-ốt chưa báo về, xin thử lại sau ít phút.",
        "The kiosk has not reported this number yet; please try again in a few minutes.",
    ),
    Problem.NUMBER_NOT_LEASED: ("Số này không thuộc ki-ốt.", "This number was not leased to the kiosk."),
    Problem.NUMBER_USED: ("Số này đã dùng.", "This number is used already."),
    Problem.OFFICE_CLOSED: ("Hiện ngoài giờ tiếp nhận.", "The office is closed now."),
    Problem.POLICY_UNKNOWN: ("Không có quy tắc gọi số này.", "There is no such rule of calling."),
    Problem.POSTPONE_LIMIT: ("Đã lùi lượt đủ số lần cho phép.", "It has been postponed as often as allowed."),
    Problem.PROCEDURE_UNKNOWN: ("Không có thủ tục này.", "There is no such procedure."),
    Problem.RECORD_PARTED: (
        "Sổ ghi của hai máy không khớp nhau.",
        "The records of the two machines are not the same.",
    ),
    Problem.REINSTATE_TOO_LATE: ("Đã quá thời gian báo lại.", "It is too late to take this number back."),
    Problem.REPLAY_BUSY: (
        "Đang có người xem lại ngày đã qua. Xin thử lại sau một phút.",
        "Somebody is replaying a past day already. Please try again in a minute.",
    ),
    Problem.REPLAY_IDLE: (
        "Thay đổi này không làm khác ngày nào đã chọn: quầy không làm việc lúc đó, hoặc vốn đã như vậy.",
        "This changes none of the days chosen: the counter did not work then, or it was so already.",
    ),
    Problem.REPLAY_IMPOSSIBLE: (
        "Không xem lại được với thay đổi này.",
        "The days cannot be replayed with this change.",
    ),
    Problem.REPLAY_TOO_LONG: (
        "Tính quá lâu nên đã dừng. Xin chọn ít ngày hơn.",
        "It took too long and was stopped. Please choose fewer days.",
    ),
    Problem.SERVICE_NOT_OFFERED: ("Dịch vụ này không lấy số ở đây.", "This service takes no numbers here."),
    Problem.SERVICE_UNKNOWN: ("Không có dịch vụ này.", "There is no such service."),
    Problem.SERVICE_WANTED: (
        "Lượt này đã có việc ở dịch vụ đó. Xin bấm Xong, người dân sẽ được gọi ở đó.",
        "This visit waits for that service already. Please press Done; the person will be called there.",
    ),
    Problem.SKILL_MISSING: ("Quầy không làm dịch vụ này.", "The counter does not serve this service."),
    Problem.STORAGE_FAILED: ("Máy chủ không ghi được dữ liệu.", "The server could not write its data."),
    Problem.TICKET_STATE: ("Số này không ở trạng thái phù hợp.", "The number is not in a state that allows this."),
    Problem.TICKET_UNKNOWN: ("Không tìm thấy số này.", "There is no such ticket."),
    Problem.TIME_INVALID: ("Thời gian không hợp lệ.", "The time is not valid."),
    Problem.TOO_MANY_REQUESTS: ("Xin thử lại sau ít giây.", "Please try again in a few seconds."),
    Problem.TRANSFER_NOWHERE: ("Xin chọn nơi chuyển đến.", "Please say where to transfer to."),
    Problem.VISIT_AT_COUNTER: ("Người này đang ở một quầy.", "This person is at a counter now."),
}


def status_of(problem: Problem) -> int:
    """HTTP status of a problem; 409 unless the table says otherwise."""
    return STATUS.get(problem, 409)


class Refused(Exception):
    """A command that cannot be carried out; nothing has changed. `code` is stable, `detail` is for people."""

    def __init__(self, code: Problem, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail
