# SPDX-License-Identifier: Apache-2.0
"""The template language beside Go's own: the same templates and data must give the same output, or an error at the same
place. Of a parse error Go says the line alone. What the words of an error are is each one's own affair.

A case file has parts that begin with "==== " at the start of a line. "==== data NAME" is followed by JSON; "==== NAME"
by a template that is rendered with that data. The line feed before the next part is not the template's."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import template_generator

HERE = pathlib.Path(__file__).parent
GENERATED = 10_000

# Where we differ on purpose: Go renders complex numbers, which nobody puts into a document, and knows no sprig.
OURS_REFUSED = re.compile("complex numbers are not supported")
THEIRS_REFUSED = re.compile(
    'function "(b64dec|b64enc|cidrhost|cidrnetmask|contains|default|dict|get|hasKey|hasPrefix|hasSuffix|indent|int|join'
    '|list|lower|nindent|quote|replace|required|sha256sum|split|splitList|ternary|toJson|toYaml|trim|upper)" not defined')


def our_program():
    built = HERE.parent.parent / "build" / "src" / "lang" / "template-conformance"
    program = pathlib.Path(os.environ.get("TEMPLATE_CONFORMANCE", built))
    if not program.exists():
        pytest.skip(f"{program} is not built")
    return program


@pytest.fixture(scope="session")
def go_program(tmp_path_factory):
    if not shutil.which("go"):
        pytest.skip("Go is not installed (golang-go), so there is nothing to compare with")
    folder = tmp_path_factory.mktemp("go")
    environment = dict(os.environ, GO111MODULE="off", GOFLAGS="", GOCACHE=str(folder / "cache"), GOPATH=str(folder))
    program = folder / "template-conformance"
    subprocess.run(["go", "build", "-o", program, HERE / "template-conformance.go"], check=True, env=environment)
    return program


def cases_of(path):
    parts = ("\n" + path.read_text(encoding="utf-8")).split("\n==== ")[1:]
    heads_and_bodies = [part.partition("\n")[::2] for part in parts]
    return [body for head, body in heads_and_bodies if not head.startswith("data ")]


def results_of(program, path):
    done = subprocess.run([program, path], check=True, capture_output=True, timeout=100)
    return done.stdout.decode("ascii").splitlines()


def compare(go_program, path):
    cases = cases_of(path)
    theirs = results_of(go_program, path)
    ours = results_of(our_program(), path)
    assert len(cases) == len(theirs) == len(ours)
    differing = []
    for case, their, our in zip(cases, theirs, ours):
        if their.startswith("panic") or OURS_REFUSED.search(our) or THEIRS_REFUSED.search(their):
            continue
        if their.partition("\t")[0] != our.partition("\t")[0]:
            differing.append(f"{case!r}\n  Go:   {their}\n  ours: {our}")
    assert not differing, f"{len(differing)} of {len(cases)} differ:\n" + "\n".join(differing[:20])
    return len(cases), sum(their.startswith("ok") for their in theirs)


def test_cases_written_by_hand_agree_with_go(go_program):
    count, _ = compare(go_program, HERE / "template-cases.txt")
    assert count >= 400


def test_generated_cases_agree_with_go(go_program, tmp_path):
    path = tmp_path / "generated.txt"
    template_generator.write(path, GENERATED, seed=3)
    count, good = compare(go_program, path)
    assert count == GENERATED
    assert good > GENERATED / 4, "too few of the generated templates render for this to say much"
