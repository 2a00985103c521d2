"""Abbreviations, units and weekdays in full, by language."""

from typing import Final

TERMS: Final[dict[str, dict[str, str]]] = {
    "vi": {
        "BHTN": "bảo hiểm thất nghiệp",
        "BHXH": "bảo hiểm xã hội",
        "BHYT": "bảo hiểm y tế",
        "CCCD": "căn cước công dân",
        "CMND": "chứng minh nhân dân",
        "CP": "Chính phủ",
        "CSDL": "cơ sở dữ liệu",
        "DVCQG": "dịch vụ công quốc gia",
        "ĐKKD": "đăng ký kinh doanh",
        "GCN": "giấy chứng nhận",
        "GPLX": "giấy phép lái xe",
        "HĐND": "Hội đồng nhân dân",
        "HSSV": "học sinh, sinh viên",
        "KT3": "ca tê ba",
        "LLTP": "lý lịch tư pháp",
        "NĐ": "nghị định",
        "QĐ": "quyết định",
        "QSDĐ": "quyền sử dụng đất",
        "TTHC": "thủ tục hành chính",
        "UBND": "Ủy ban nhân dân",
        "VNeID": "vê en nờ i ai đi",
        "Kiosk": "ki ốt",
        "kiosk": "ki ốt",
    },
    "en": {"min": "minutes", "VNeID": "V N e I D", "ID": "I D"},
}
UNITS: Final[dict[str, dict[str, str]]] = {
    "vi": {"m²": "mét vuông", "m2": "mét vuông", "km": "ki lô mét", "kg": "ki lô gam", "cm": "xăng ti mét",
           "m": "mét", "cc": "xê xê"},
    "en": {"m²": "square metres", "m2": "square metres", "km": "kilometres", "kg": "kilograms",
           "cm": "centimetres", "m": "metres", "cc": "c c"},
}  # fmt: skip
MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
