"""The catalogue as files: tests/cases/hostile, tests/cases/sns_certificate and docs/hostile.md.

The same keys and the same moment give the same bytes. A folder of tests/cases/hostile is

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
from __future__ import annotations

from . import catalogue, certificates, page, settings
from .case import LARGE, Case, text_of
from .certificates import Authority
from .notary import MOMENT, Notary

CASES, CERTIFICATES, PAGE = ("tests/cases/hostile", "tests/cases/sns_certificate",
                             "docs/hostile.md")


def _of_case(case: Case, body: bytes) -> dict[str, bytes]:
    folder = f"{CASES}/{case.name}"
    files = {f"{folder}/case.json": text_of(case.described()).encode()}
    return files if len(body) > LARGE else {**files, f"{folder}/message": body}


def _of_certificate(name: str, text: str | bytes, want: str) -> dict[str, bytes]:
    folder = f"{CERTIFICATES}/{name}"
    return {f"{folder}/certificate.pem": text if isinstance(text, bytes) else text.encode(),
            f"{folder}/want.txt": f"{want}\n".encode()}


def files() -> dict[str, bytes]:
    """Every file, by its path from the repository's root."""
    authority, cases = Authority(MOMENT), catalogue()
    bodies = {case.name: case.body(Notary(authority)) for case in cases}
    made = {f"{CASES}/evergold.json": text_of(settings.configuration()).encode(),
            PAGE: page.text(cases, bodies).encode()}
    for case in cases:
        made |= _of_case(case, bodies[case.name])
    for name, (text, want) in certificates.cases(authority).items():
        made |= _of_certificate(name, text, want)
    return made
