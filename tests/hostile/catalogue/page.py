"""docs/hostile.md: the cases as a table for people."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .case import Case

CLASSES = {
    "G": "Genuine: what must be believed",
    "U": "Where the certificate is said to be",
    "F": "Hosts that do not serve it",
    "C": "Certificates",
    "S": "Signatures",
    "E": "Envelopes and JSON",
    "T": "Types, topics and times",
    "P": "What a verified message holds",
}

# What needs more than one message, or another fault than a message: where it is shown.
ELSEWHERE = [
    ("F-11", "a proxy in the environment", "tests/hostile/test_fetches.py", "a_proxy_of"),
    ("F-12", "a .netrc beside the worker", "tests/hostile/test_fetches.py", "a_netrc"),
    ("F-13", "100 messages that need one certificate", "tests/hostile/test_fetches.py",
     "make_one_fetch"),
    ("F-14", "1,000 new URLs, while a known one is needed", "tests/hostile/test_fetches.py",
     "novel_urls"),
    ("F-15", "a fetch that fails at first", "tests/hostile/test_fetches.py", "fails_at_first"),
    ("F-16", "a host that serves another certificate later", "tests/hostile/test_fetches.py",
     "serves_another"),
    ("F-17", "more certificates than are kept", "tests/flows/certificates_test.c",
     "longest_unused"),
    ("F-18", "SIGTERM while a certificate is fetched", "tests/hostile/test_fetches.py", "sigterm"),
    ("F-20", "a restart, and a certificate that is no longer served",
     "tests/hostile/test_fetches.py", "kept_beside_the_ledger"),
    ("F-21", "a kept certificate that was spoiled", "tests/hostile/test_fetches.py",
     "was_spoiled_is_fetched_again"),
    ("S-15", "a system that forbids SHA-1", "tests/unit/libcrypto_fails_test.c",
     "sha1_is_forbidden"),
    ("S-16", "each call of libcrypto fails", "tests/unit/libcrypto_fails_test.c",
     "each_call_fails"),
    ("T-10", "the same message again", "tests/hostile/test_fetches.py", "the_same_message_again"),
    ("T-11", "the same message under another id of SQS's", "tests/hostile/test_fetches.py",
     "the_same_message_again"),
    ("T-12", "a crash between a start and its record", "tests/e2e/test_kill.py",
     "test_killed_once"),
    ("T-14", "the ledger is lost, or damaged", "tests/e2e/test_ledger_rebuild.py",
     "test_nothing_is_built_twice"),
    ("P-03", "markup in what is told to Slack", "tests/e2e/test_rejected.py",
     "markup_in_a_release"),
    ("P-04", "line ends and escapes in what is logged", "tests/e2e/test_rejected.py",
     "hostile_texts"),
    ("P-06", "CodePipeline fails", "tests/e2e/test_faults.py", "every_call_goes_wrong"),
    ("P-08", "Slack is down", "tests/e2e/test_slack.py", "each_message_comes_later"),
    ("N-01", "secrets in logs, arguments and errors", "tests/e2e/test_privacy.py",
     "cannot_look_inside"),
    ("N-03", "connections to anywhere else", "tests/hostile/test_cases.py",
     "nobody_else_is_talked_to"),
]

HEAD = """\
# Hostile input

Every way in which a message may arrive that the worker must survive, and what it must come to. The
table is made from the cases themselves (`python -m tests.hostile.catalogue`), and a test fails when
it no longer says what they say.

*Reason* is the word of the decision record and of the log. What is *kept* stays in the queue, which
hands it out again until its redrive policy moves it to the dead-letter queue: nothing that was
rejected is deleted. *Connections* are those that the message may cause besides the ones to AWS's
services and Slack: none, or the one to the host that keeps certificates for the topic's region.

Cases are run twice: through the gate alone (`make unit T=hostile`), and as a message in a queue, by
the program as it is shipped (`make hostile`). The gate alone is shown what SQS would not take, what
a function is called with, and what another clock has to show; the worker alone, what depends on how
the certificate's host answers, and bodies that are too large to be kept as files. The first table
says how many are shown to whom. There the worker lives in a network namespace with a hosts file and
a certificate authority of its own, in which every address leads to a recorder; so that a connection
to anybody else is seen, whether or not it would have worked. `make differential` makes more cases
than these, out of genuine messages, and compares the gate with a second one.
"""


def _row(case: Case) -> str:
    title = "".join(f"\\{mark}" if mark in "|<`*_[\\" else mark for mark in case.title)
    return (f"| {case.name.split('_')[0]} | {title} | {case.reason} | {case.disposition} | "
            f"{case.connections} |")


def _section(letter: str, cases: Iterable[Case]) -> str:
    return "\n".join([f"\n## {letter}: {CLASSES[letter]}\n",
                      "| id | case | reason | disposition | connections |", "|---|---|---|---|---|",
                      *map(_row, cases), ""])


def totals(cases: list[Case], bodies: dict[str, bytes]) -> str:
    kept = sum(case.disposition == "kept" for case in cases)
    by_gate = Counter(case.name[0] for case in cases if case.is_for_gate(bodies[case.name]))
    by_worker = Counter(case.name[0] for case in cases if case.is_for_worker(bodies[case.name]))
    count = Counter(case.name[0] for case in cases)
    rows = [f"| {letter} | {title} | {count[letter]} | {by_gate[letter]} | {by_worker[letter]} |"
            for letter, title in CLASSES.items()]
    return "\n".join(["\n| class | | cases | gate | worker |", "|---|---|---|---|---|", *rows,
                      f"| | all; {kept} are kept, {len(cases) - kept} deleted | {len(cases)} | "
                      f"{by_gate.total()} | {by_worker.total()} |", ""])


def _elsewhere() -> str:
    rows = [f"| {number} | {title} | `{file}`, *{word.strip()}* |"
            for number, title, file, word in ELSEWHERE]
    return "\n".join(["\n## Shown by other tests\n", "| id | case | test |", "|---|---|---|", *rows,
                      ""])


def text(cases: list[Case], bodies: dict[str, bytes]) -> str:
    """bodies: by the names of the cases."""
    sections = [_section(letter, [case for case in cases if case.name[0] == letter])
                for letter in CLASSES]
    return HEAD + totals(cases, bodies) + "".join(sections) + _elsewhere()
