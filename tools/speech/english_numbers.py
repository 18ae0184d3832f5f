"""Write English numbers in words, as they are said."""

from __future__ import annotations

import re

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_IRREGULAR_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CURRENCIES = {"$": "dollar", "£": "pound", "€": "euro"}
_NUMBER = re.compile(r"(?P<sign>[$£€])?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<rest>\d+))?(?P<ending>st|nd|rd|th|%)?")
_MOST_DIGITS = 12


def spell_numbers(text: str) -> str:
    """Return an English text with its numbers in words: "$3.50 on the 21st" has "three point five zero dollars"."""
    return _NUMBER.sub(_in_words, text)


def cardinal(number: int) -> str:
    """Return a number below a thousand billion in words."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_UNITS[number % 10]}" if number % 10 else "")
    scale, name = next(pair for pair in _SCALES if number >= pair[0])
    rest = number % scale
    return f"{cardinal(number // scale)} {name}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """Return the ordinal of a number in words, such as "twenty first"."""
    start, _, last = cardinal(number).rpartition(" ")
    last = f"{last[:-1]}ieth" if last.endswith("y") else _IRREGULAR_ORDINALS.get(last, f"{last}th")
    return f"{start} {last}".strip()


def year(number: int) -> str:
    """Return a year from 1100 to 2099 in words, such as "nineteen oh four"."""
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return cardinal(number)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def _in_words(found: re.Match[str]) -> str:
    digits, rest, ending = found["whole"].replace(",", ""), found["rest"], found["ending"]
    if len(digits) > _MOST_DIGITS or (digits.startswith("0") and len(digits) > 1 and not rest):
        words = " ".join(_UNITS[int(digit)] for digit in digits)  # a telephone number, a code
    elif ending and ending != "%":
        words = ordinal(int(digits))
    elif not rest and not found["sign"] and "," not in found["whole"] and 1100 <= int(digits) < 2100:
        words = year(int(digits))
    else:
        words = cardinal(int(digits))
    if rest:
        words += " point " + " ".join(_UNITS[int(digit)] for digit in rest)
    if found["sign"]:
        words += f" {_CURRENCIES[found['sign']]}{'' if words == 'one' else 's'}"
    return f" {words}{' percent' if ending == '%' else ''} "
