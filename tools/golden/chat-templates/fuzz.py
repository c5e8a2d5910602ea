"""Random templates over a small grammar, most of which render."""

import random

VARIABLES = {
    "n": 5,
    "m": -2,
    "r": 2.5,
    "t": True,
    "z": None,
    "s": " Hello, world ",
    "u": "naïve 🙂 Ωx\n",
    "xs": [4, 1, 3],
    "ws": ["b", "Aa", "c d"],
    "d": {"k": 1, "v": "w", "e": [1, 2]},
    "ms": [
        {"role": "system", "content": "be nice"},
        {"role": "user", "content": " hi "},
        {"role": "assistant", "content": "ho", "calls": [{"name": "f", "args": {"a": 1}}]},
        {"role": "user", "content": None},
    ],
}

SPACE = ["", " ", "  ", "\n", "\n\n", " \n ", "\t", "text", "a\n  ", "  b", "}", "\n    "]


class Grammar:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.ints = ["n", "m", "1", "0", "3", "-1"]
        self.texts = ["s", "u", "'a b'", "''", '"x\\ny"']
        self.lists = ["xs", "ws", "[1, 'q']", "[]", "ms"]
        self.loops = 0

    def pick(self, *options):
        option = self.r.choice(options)
        return option() if callable(option) else option

    def integer(self, depth):
        if depth <= 0:
            return self.pick(*self.ints)
        d = depth - 1
        return self.pick(
            lambda: self.integer(0),
            lambda: f"({self.integer(d)} {self.pick('+', '-', '*', '//', '%')} {self.integer(d)})",
            lambda: f"{self.integer(d)} {self.pick('+', '-', '*')} {self.integer(d)}",
            lambda: f"{self.text(d)} | length",
            lambda: f"({self.list(d)} | length)",
            lambda: f"({self.text(d)}).count('a')",
            lambda: f"d.k",
            lambda: f"d.get('k', {self.integer(d)})",
            lambda: f"({self.truth(d)} | int)",
            lambda: self.pick("loop.index", "loop.index0", "loop.length", "loop.revindex") if self.loops else "d['k']",
            lambda: f"-{self.integer(d)}",
            lambda: f"xs[{self.pick('0', '1', '-1', '2')}]",
        )

    def text(self, depth):
        if depth <= 0:
            return self.pick(*self.texts)
        d = depth - 1
        return self.pick(
            lambda: self.text(0),
            lambda: f"({self.text(d)} + {self.text(d)})",
            lambda: f"({self.any(d)} ~ {self.any(d)})",
            lambda: f"{self.text(d)} | {self.pick('trim', 'upper', 'lower', 'title', 'capitalize', 'string', 'first', 'last')}",
            lambda: f"({self.text(d)} | replace('a', {self.text(0)}))",
            lambda: f"{self.pick('s', 'u')}.{self.pick('strip()', 'upper()', 'lstrip()', 'rstrip()', 'title()', 'lower()', 'capitalize()')}",
            lambda: f"({self.text(d)}).split('l')[{self.pick('0', '-1')}]",
            lambda: f"({self.text(d)})[{self.pick('1:', ':-1', '::-1', '-3:', '2:5', '::2')}]",
            lambda: f"({self.list(d)} | join({self.text(0)}))",
            lambda: f"({self.any(d)} | tojson)",
            lambda: f"({self.list(d)} | string)",
            lambda: f"({self.text(d)} if {self.truth(d)} else {self.text(d)})",
            lambda: f"({self.pick('missing', 'z', 's')} | default({self.text(d)}, {self.pick('true', 'false')}))",
            lambda: f"ms[{self.pick('0', '1', '2')}].{self.pick('role', 'content')}",
            lambda: f"'{self.pick('-', 'ab')}' * {self.pick('2', '0', '3')}",
        )

    def list(self, depth):
        if depth <= 0:
            return self.pick(*self.lists)
        d = depth - 1
        return self.pick(
            lambda: self.list(0),
            lambda: f"[{self.any(d)}, {self.any(d)}]",
            lambda: f"({self.list(d)} + {self.list(d)})",
            lambda: f"({self.list(d)})[{self.pick('1:', ':-1', '::-1', '-1:')}]",
            lambda: f"(ms | selectattr('role', '{self.pick('eq', 'equalto', 'ne')}', '{self.pick('user', 'system')}') | list)",
            lambda: "(ms | map(attribute='role') | list)",
            lambda: f"({self.list(d)} | {self.pick('reverse', 'select', 'list')} | list)",
            lambda: f"({self.text(d)}).split({self.pick('', repr(' '), repr('l'))})",
            lambda: f"({self.list(d)} | map('{self.pick('string', 'tojson')}') | list)",
            lambda: f"(range({self.integer(0)}) | list)",
            lambda: f"(d.{self.pick('items()', 'keys()', 'values()')} | list)",
            lambda: "(xs | sort)",
        )

    def truth(self, depth):
        if depth <= 0:
            return self.pick("t", "true", "false", "z", "missing", "n", "s", "xs")
        d = depth - 1
        return self.pick(
            lambda: f"{self.integer(d)} {self.pick('==', '!=', '<', '<=', '>', '>=')} {self.integer(d)}",
            lambda: f"({self.text(d)} {self.pick('==', '!=', '<', 'in', 'not in')} {self.text(d)})",
            lambda: f"({self.any(d)} in {self.list(d)})",
            lambda: f"not {self.truth(d)}",
            lambda: f"({self.truth(d)} {self.pick('and', 'or')} {self.truth(d)})",
            lambda: f"{self.truth(d)} {self.pick('and', 'or')} {self.truth(d)}",
            lambda: f"({self.pick('missing', 'n', 'z', 'd.k', 'd.q', 's', 'xs', 'd', 'r', 't')} is {self.pick('', 'not ')}"
            + self.pick("defined", "none", "string", "mapping", "iterable", "sequence", "number", "integer", "boolean", "true", "false", "undefined")
            + ")",
            lambda: f"(({self.integer(d)}) is {self.pick('odd', 'even', 'divisibleby 3')})",
            lambda: f"{self.pick('s', 'u')}.{self.pick('startswith', 'endswith')}({self.text(0)})",
            lambda: self.pick("loop.first", "loop.last", "loop.previtem is defined", "loop.nextitem is defined") if self.loops else "'k' in d",
        )

    def any(self, depth):
        d = depth - 1
        return self.pick(
            lambda: self.integer(depth),
            lambda: self.text(depth),
            lambda: self.list(depth),
            lambda: self.truth(depth),
            lambda: self.pick("r", "z", "d", "missing", "1.5", "(1, 'a')", "{'a': n, 'b': [s]}", "r * 2", "n / 2", "7 // r"),
            lambda: f"({self.any(d)} if {self.truth(d)} else {self.any(d)})" if depth > 0 else "n",
            lambda: f"({self.any(d)} {self.pick('or', 'and')} {self.any(d)})" if depth > 0 else "z",
        )

    def block(self, inside):
        return "{%" + self.pick("", "", "-", "+") + f" {inside} " + self.pick("", "", "-", "+") + "%}"

    def output(self, inside):
        return "{{" + self.pick("", "", "-") + f" {inside} " + self.pick("", "", "-") + "}}"

    def space(self):
        return self.pick(*SPACE)

    def body(self, depth):
        parts = [self.space()]
        for _ in range(self.r.randint(1, 3)):
            parts += [self.statement(depth), self.space()]
        return "".join(parts)

    def statement(self, depth):
        if depth <= 0:
            return self.output(self.any(2))
        d = depth - 1
        return self.pick(
            lambda: self.output(self.any(3)),
            lambda: self.output(self.any(2)),
            lambda: self.condition(d),
            lambda: self.loop(d),
            lambda: self.loop(d),
            lambda: self.block(self.assignment()) + self.output("q ~ w ~ n ~ s"),
            lambda: self.block("set q") + self.body(d) + self.block("endset") + self.output("q | string | length") + self.output("q"),
            lambda: self.block("set ns = namespace(c=0)") + self.block("for i in xs") + self.block("set ns.c = ns.c + i") + self.block("endfor") + self.output("ns.c"),
            lambda: self.block(f"macro f(p, q={self.any(1)})") + self.body(0) + self.output("p ~ q") + self.block("endmacro") + self.output(f"f({self.any(1)})"),
            lambda: "{#" + self.pick("", "-", "+") + " c " + self.pick("", "-", "+") + "#}",
            lambda: self.block("raw").replace("+%}", "%}") + "{{ n }}\n  " + self.block("endraw"),
            lambda: self.block("generation") + self.body(d) + self.block("endgeneration"),
        )

    def assignment(self):
        """A variable that is given from outside is read where it is set.

        Otherwise jinja2 hides it from the loops and macros before the assignment, see package-info.
        """
        target = self.pick("q", "w", "n", "s")
        value = self.pick(lambda: self.integer(2), lambda: self.text(2))
        if target == "n":
            value = f"n + {self.integer(2)}"
        elif target == "s":
            value = f"s ~ {value}"
        return f"set {target} = {value}"

    def condition(self, depth):
        text = self.block(f"if {self.truth(2)}") + self.body(depth)
        if self.r.random() < 0.4:
            text += self.block(f"elif {self.truth(2)}") + self.body(depth)
        if self.r.random() < 0.5:
            text += self.block("else") + self.body(depth)
        return text + self.block("endif")

    def loop(self, depth):
        target, items = self.pick(("i", self.list(1)), ("k, v", "d.items()"), ("k, v", "d | items"), ("i", "ms"), ("i", self.text(1)))
        head = f"for {target} in {items}"
        if self.r.random() < 0.3:
            head += f" if {self.pick('k', 'v') if target != 'i' else 'i'}{self.pick('', ' is string', ' != 1')}"
        self.loops += 1
        around = self.loops
        body = self.body(depth)
        if self.r.random() < 0.2:
            body += self.block(f"if {self.truth(1)}") + self.block(self.pick("break", "continue")) + self.block("endif") + self.space()
        self.loops = around - 1
        text = self.block(head) + self.output(self.pick("i", "loop.index") if target == "i" else "k ~ v") + body
        if self.r.random() < 0.2:
            text += self.block("else") + self.body(0)
        return text + self.block("endfor")


def templates(seed, count):
    for i in range(count):
        grammar = Grammar(f"{seed}-{i}")
        yield grammar.body(2 if i % 3 else 3)
