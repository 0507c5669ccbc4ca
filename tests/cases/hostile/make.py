#!/usr/bin/env python3
"""Makes tests/cases/hostile and tests/cases/sns_certificate again, and docs/hostile.md from them.

    build/venv/bin/python tests/cases/hostile/make.py

Run it after changing a case; the same keys and the same moment give the same bytes. A folder is

    message     what arrived, byte for byte; what is over LARGE bytes is not kept, and gate_test.c
                makes the like
    case.json   title; reason, the word of the decision record; disposition: deleted, or kept until
                the redrive policy carries it to the dead-letter queue; connections: none but to
                AWS's services, or the certificate's host too

and in case.json, where it differs from the rest: word (part of the explanation), certificate (a
folder of sns_certificate), served (how the certificate's host answers), after_s (the clock, so long
after the moment), form (lambda: Records[].Sns), signature (what trust.topics says of the topic).

evergold.json is the configuration of all. tests/unit/hostile_test.c shows each case to the gate
alone. tests/hostile makes them again at the present moment, for the whole worker has the clock that
it has, and sends them through a queue.
"""
import shutil

import arrivals
import certificates
import envelopes
import fetches
import fields
import settings
import signatures
import urls
from case import text_of
from notary import MOMENT, Notary

CASES = certificates.HERE
LARGE = 40000


def catalogue():
    """Every case, in the order of their names."""
    modules = (arrivals, envelopes, fetches, fields, signatures, urls)
    cases = sorted((each for module in modules for each in module.cases()), key=lambda c: c.name)
    assert len({each.name for each in cases}) == len(cases), "two cases of one name"
    return cases


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def forget(folder):
    for old in folder.iterdir():
        if old.is_dir() and old.name != "__pycache__":
            shutil.rmtree(old)


def write_cases(folder, authority):
    for each in catalogue():
        body = each.body(Notary(authority))
        if len(body) <= LARGE:
            write(folder / each.name / "message", body)
        write(folder / each.name / "case.json", text_of(each.described()))


def write_certificates(folder, authority):
    for name, (text, want) in certificates.cases(authority).items():
        write(folder / name / "certificate.pem", text)
        write(folder / name / "want.txt", want + "\n")


def main():
    authority = certificates.Authority(MOMENT)
    for folder, fill in ((CASES, write_cases), (CASES.parent / "sns_certificate",
                                                write_certificates)):
        forget(folder)
        fill(folder, authority)
    write(CASES / "evergold.json", text_of(settings.configuration()))


if __name__ == "__main__":
    main()
