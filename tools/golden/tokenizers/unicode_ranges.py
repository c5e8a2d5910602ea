"""Writes UnicodeRanges.java: Unicode as the reference tokenizers see it.

Asks the regex engine of Hugging Face tokenizers (Oniguruma) about every code point, and compares
its normalizers with those of a JDK, so that the tables are those of the reference on every
platform, whatever Unicode its own library knows.

    java tools/golden/tokenizers/NormalizationProbe.java |
      python tools/golden/tokenizers/unicode_ranges.py > UnicodeRanges.java

Made with tokenizers 0.23.2 (letters and numbers of Unicode 16, normal forms of Unicode 9) and JDK
25 (Unicode 16). Then run the formatter.
"""

import string
import sys

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

DIGITS = string.digits + string.ascii_lowercase
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, POINTS))


def members(regex):
    """All code points that the regex of one character matches."""
    rest = set()
    for _, (start, end) in pre_tokenizers.Split(Regex(regex), "removed").pre_tokenize_str(TEXT):
        rest.update(POINTS[start:end])
    return [c for c in POINTS if c not in rest]


def unnormalized(probes):
    """The code points that a JDK's normalizers know and those of the reference do not."""
    forms = {name: getattr(normalizers, name)() for name in ("NFC", "NFD", "NFKC", "NFKD")}
    unknown = set()
    for line in probes:
        point, form, text, expected = line.rstrip("\n").split(";")
        text, expected = ("".join(chr(int(c, 16)) for c in t.split()) for t in (text, expected))
        if forms[form].normalize_str(text) != expected:
            unknown.add(int(point, 16))
            if text[0] != "a" and len(text) > 1:  # a decomposition
                # the parts of a new composite are new as well, but for the marks of old
                unknown.update(ord(c) for c in text if ord(c) > 0xFFFF)
    return sorted(unknown)


def base36(n):
    text = ""
    while True:
        n, digit = divmod(n, 36)
        text = DIGITS[digit] + text
        if n == 0:
            return text


def encoded(points):
    """Pairs 'gap run': how many code points to skip, then how many to take."""
    ranges = []
    for c in points:
        if ranges and ranges[-1][1] == c:
            ranges[-1][1] = c + 1
        else:
            ranges.append([c, c + 1])
    at, words = 0, []
    for start, end in ranges:
        words += [base36(start - at), base36(end - start)]
        at = end
    return words


def constant(name, javadoc, words):
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 88:
            lines.append(line)
            line = ""
        line += word + " "
    lines.append(line.rstrip())
    body = "\n          + ".join(f'"{line}"' for line in lines)
    return f"  /** {javadoc} */\n  static final String {name} =\n      {body};\n"


def main():
    spaces = [0x9, 0xA, 0xB, 0xC, 0xD, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
    spaces += [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
    assert members(r"\s") == spaces, "UnicodeClasses spells these out"
    print("package org.mobilefinetuner.text;\n")
    print("/**")
    print(" * Sets of code points as Hugging Face tokenizers know them, run-length encoded.")
    print(" *")
    print(" * <p>Written by tools/golden/tokenizers/unicode_ranges.py from tokenizers " + tokenizers.__version__ + ". Each pair of")
    print(" * base-36 numbers says how many code points to skip and how many to take.")
    print(" */")
    print("final class UnicodeRanges {")
    print(constant("LETTERS", "General category L.", encoded(members(r"\p{L}"))))
    print(constant("NUMBERS", "General category N.", encoded(members(r"\p{N}"))))
    javadoc = "What came after Unicode 9: the reference's normalizers leave it alone."
    print(constant("UNNORMALIZED", javadoc, encoded(unnormalized(sys.stdin))))
    print("  private UnicodeRanges() {}\n}")


if __name__ == "__main__":
    main()
