# SPDX-License-Identifier: Apache-2.0
"""Random templates of a grammar over one tree of data, the same ones in every run."""
import random

DATA = """{"name": "node1", "empty": "", "zero": 0, "one": 1, "three": 3, "pi": 3.14159, "big": 1234567, "neg": -2.5,
 "yes": true, "no": false, "null": null, "list": ["a", "b", "c"], "numbers": [1, 2.5, 1e6, -0.1], "elist": [],
 "mixed": [1, "two", true, null, [3, "x"], {"k": "v"}], "map": {"b": 2, "a": 1, "c": [1, 2]}, "emap": {},
 "deep": {"a": {"b": {"c": "deep", "n": null}}, "l": [{"x": 1}, {"x": "2"}, {"y": 3}]}, "uni": "größe→日本",
 "html": "<a href=\\"x\\">'&'", "multi": "one\\ntwo\\n\\tthree", "strings": {"os": "installed", "mac": "52:54:00"}}"""

FIELDS = {
    "string": [".name", ".empty", ".uni", ".html", ".multi", ".deep.a.b.c", ".strings.os", "$.name", "$.deep.a.b.c"],
    "number": [".zero", ".one", ".three", ".pi", ".big", ".neg", ".map.a", ".map.b", "$.three"],
    "list": [".list", ".numbers", ".elist", ".mixed", ".map.c", ".deep.l", "$.list"],
    "map": [".map", ".emap", ".deep", ".deep.a", ".strings", "$.map", "$.deep.a.b"],
    "bool": [".yes", ".no"],
    "nil": [".null", ".deep.a.b.n"],
}
WRONG = [".nope", ".name.x", ".map.nope", ".list.x", "$.nope", ".null.x", "$undefined", ".deep.a.q.c"]
INTEGERS = ["0", "1", "2", "3", "7", "42", "-1", "0x1F", "'a'", "1_000", "0b11", "017"]
FLOATS = ["0.0", "1.0", "3.0", "2.5", "-0.5", "1e3", "1e21", "1.5e-7", "100000.0", "1234567.0", "0.1"]
STRINGS = ['"x"', '"a b"', '""', "`raw`", '"é"', '"q\\"q"', '"\\t\\x41"', '"a"', '"b"', '"node1"', '"%d"', '"c"']
# Without p: the address of a list is another one in every run.
VERBS = "vvvsdqxXtTfgeEGobcU%w"
COMPARE = ["eq", "ne", "lt", "le", "gt", "ge"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.variables = []
        self.defined = []
        self.names = 0
        self.nested = False  # the dot is not the whole data

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, values):
        return self.random.choice(values)

    def space(self):
        return "\n" if self.chance(0.04) else "  " if self.chance(0.05) else " "

    def format(self):
        directives = []
        for _ in range(self.random.randint(0, 4)):
            flags = "".join(self.pick("#0+- ") for _ in range(self.pick([0, 0, 0, 1, 1, 2])))
            width = self.pick(["", "", "", "1", "6", "12", "*", "[1]", "[2]"])
            precision = self.pick(["", "", "", ".0", ".2", ".7", ".", ".*"])
            directives.append("%" + flags + width + precision + self.pick(VERBS))
        return '"' + self.pick(["", "a", "|"]).join(directives) + '"'

    def float(self):
        number = self.pick([
            lambda: self.random.uniform(-1000, 1000),
            lambda: 2.0 ** self.random.randint(-1074, 1023),
            lambda: self.random.uniform(1, 10) * 10.0 ** self.random.randint(-300, 300),
            lambda: round(self.random.uniform(0, 1e6), self.random.randint(0, 6)),
        ])()
        return format(number, "e") if number == int(number) else repr(number)

    def operand(self, depth, kind=None):
        if self.chance(0.004):
            return self.pick(WRONG)
        kind = kind or self.pick(["string", "number", "list", "map", "bool", "nil", "integer", "float", "literal", "any"])
        if self.variables and self.chance(0.2):
            return self.pick(self.variables)
        if depth > 0 and self.chance(0.25):
            return "(" + self.pipeline(depth - 1) + ")"
        if kind == "integer":
            return self.pick(INTEGERS)
        if kind == "float":
            return self.float() if self.chance(0.5) else self.pick(FLOATS)
        if kind == "literal":
            return self.pick(STRINGS)
        if kind == "any":
            return self.pick([".", "$", "true", "false", "nil"])
        field = self.pick(FIELDS[kind])
        return "$" + field if self.nested and field[0] == "." and self.chance(0.97) else field

    def call(self, depth):
        name = self.pick(["print", "println", "printf", "printf", "len", "index", "slice", "and", "or", "not", "html",
                          "js", "urlquery", "compare", "compare", "print"])
        if name == "compare":
            kind = self.pick(["string", "number", "integer", "float", "literal"])
            arguments = [self.operand(depth, kind), self.operand(depth, kind)]
            if self.chance(0.04):
                arguments[1] = self.operand(depth)
            name = self.pick(COMPARE)
        elif name == "printf":
            arguments = [self.format()] + [self.operand(depth) for _ in range(self.random.randint(0, 4))]
        elif name == "len":
            arguments = [self.operand(depth, self.pick(["string", "list", "map"]))]
        elif name == "index":
            kind = self.pick(["list", "map", "string"])
            keys = ['"a"', '"c"', '"b"', '"nope"', '"name"'] if kind == "map" else ["0", "1", "0", "1", "2"]
            if self.chance(0.05):
                keys = [".one", '"a"', "0", "nil"]
            arguments = [self.operand(0, kind), self.pick(keys)]
        elif name == "slice":
            arguments = [self.pick(FIELDS["string"] + FIELDS["list"])]
            arguments += [self.pick(["0", "0", "1", "2"]) for _ in range(self.random.randint(0, 2))]
        elif name == "not":
            arguments = [self.operand(depth)]
        else:
            arguments = [self.operand(depth) for _ in range(self.random.randint(1, 3))]
        if self.chance(0.02):
            arguments = arguments[:-1]
        return self.space().join([name] + arguments)

    def command(self, depth):
        return self.call(depth) if self.chance(0.5) else self.operand(depth)

    def pipeline(self, depth):
        text = self.command(depth)
        while self.chance(0.2):
            text += self.pick([" | ", "|", " |", "| ", "\n| "])
            text += self.pick(["print", 'printf "%v"', 'printf "%5v|%s" $.name', "html", "print | len", "not", "and 1", "js",
                               "urlquery", "or $.no", "println"] if self.chance(0.97) else
                              [".name", "eq 1", "index .list", "printf", "len", "3"])
        return text

    def action(self, text):
        left = self.pick(["{{", "{{", "{{", "{{ ", "{{- "])
        right = self.pick(["}}", "}}", "}}", " }}", " -}}", "\n}}" if self.chance(0.2) else "}}"])
        return left + text + right

    def text(self):
        return self.pick(["", "x", " ", "\n", "line\n", "  - key: ", " a  b ", "}", "{ ", "é\n\n", "\t", "$", ": "])

    def body(self, depth):
        return "".join(self.node(depth) for _ in range(self.random.randint(1, 3)))

    def scoped(self, depth, *variables, moves=False):
        kept, nested = list(self.variables), self.nested
        self.variables += variables
        self.nested = self.nested or moves
        text = self.body(depth)
        self.variables, self.nested = kept, nested
        return text

    def node(self, depth):
        choice = self.random.random()
        if depth == 0 or choice < 0.35:
            return self.text() + self.action(self.pipeline(2))
        if choice < 0.45:
            name = self.pick(["$x", "$y", "$z"])
            if name in self.variables and self.chance(0.4):
                return self.action(f"{name} = {self.pipeline(1)}")
            text = self.action(f"{name} := {self.pipeline(1)}")
            self.variables.append(name)
            return text
        if choice < 0.6:
            text = self.action("if " + self.pipeline(1)) + self.scoped(depth - 1)
            while self.chance(0.25):
                text += self.action("else if " + self.pipeline(1)) + self.scoped(depth - 1)
            if self.chance(0.4):
                text += self.action("else") + self.scoped(depth - 1)
            return text + self.action("end")
        if choice < 0.7:
            variables = ["$w"] if self.chance(0.3) else []
            head = "with " + "".join(f"{name} := " for name in variables)
            text = self.action(head + self.pipeline(1)) + self.scoped(depth - 1, *variables, moves=True)
            if self.chance(0.3):
                text += self.action("else") + self.scoped(depth - 1)
            return text + self.action("end")
        if choice < 0.87:
            return self.range(depth)
        if choice < 0.9:
            return self.pick(["{{/* a comment */}}", "{{- /* one */ -}}", "{{/* two\nlines */}}"])
        return self.template(depth)

    def range(self, depth):
        variables = self.pick([[], ["$e"], ["$i", "$e"]])
        head = "range " + (", ".join(variables) + " := " if variables else "")
        over = self.pick(FIELDS["list"] + FIELDS["map"]) if self.chance(0.85) else self.pipeline(1)
        text = self.action(head + over) + self.scoped(depth - 1, *variables, moves=True)
        if self.chance(0.25):
            text += self.action("if " + self.pipeline(1)) + self.action(self.pick(["break", "continue"]))
            text += self.action("end") + self.body(0)
        if self.chance(0.25):
            text += self.action("else") + self.scoped(depth - 1)
        return text + self.action("end")

    def template(self, depth):
        if self.defined and self.chance(0.6):
            return self.action(f'template "{self.pick(self.defined)}" ' + self.pick(["$", ".", self.pipeline(1)]))
        self.names += 1
        name = f"t{1 if self.chance(0.05) else self.names}"
        kept, nested = self.variables, self.nested
        data = self.pick(["$", "$", ".", self.pipeline(1)])
        self.variables, self.nested = [], data != "$"
        body = self.body(depth - 1)
        self.variables, self.nested = kept, nested
        self.defined.append(name)
        return self.action(f'block "{name}" {data}') + body + self.action("end")

    def mutate(self, text):
        """A few characters more, less or other: what a person mistypes."""
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randint(0, len(text))
            change = self.random.random()
            if change < 0.4:
                text = text[:at] + text[at + self.random.randint(1, 3):]
            elif change < 0.8:
                text = text[:at] + self.pick(["{{", "}}", "(", ")", "|", ".", "$", '"', "`", "'", "-", " ", "\n", ":=",
                                              "=", ",", "{{end}}", "{{else}}", "0", "x", "/*", "*/", "\\", "é", "%"]) + text[at:]
            else:
                other = self.random.randint(0, len(text))
                text = text[:at] + text[min(at, other):max(at, other)][:20] + text[at:]
        return text

    def case(self):
        self.variables = []
        self.defined = []
        self.names = 0
        self.nested = False
        text = self.body(3)
        return self.mutate(text) if self.chance(0.2) else text


def write(path, count, seed):
    generator = Generator(seed)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("==== data tree\n" + DATA + "\n")
        for _ in range(count):
            file.write("==== tree\n" + generator.case() + "\n")
