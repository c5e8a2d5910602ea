"""Conversations to render."""


def said(role, content, **more):
    return {"role": role, "content": content, **more}


def called(name, arguments, content=None, id="abcdefghi"):
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": content, "tool_calls": [call]}


def text(*parts):
    return [{"type": "text", "text": part} for part in parts]


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a place,\nas <far> as it's \"known\".",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "A town: Zürich, 京都, …"},
                "days": {"type": "integer", "minimum": 1, "default": 2.5},
                "unit": {"enum": ["celsius", "kelvin"]},
            },
            "required": ["place"],
        },
    },
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Finds & lists.",
        "parameters": {
            "type": "object",
            "properties": {
                "words": {"type": "array", "items": {"type": "string"}},
                "options": {
                    "type": "object",
                    "properties": {"deep": {"type": "boolean"}, "any": {"type": ["string", "null"]}},
                    "required": [],
                },
                "nothing": {},
            },
        },
        "return": {"type": "string"},
    },
}

QUESTION = said("user", "What is a harbour?")
ANSWER = said("assistant", "A place for ships.")

# Each can be rendered by every training template.
PLAIN = [
    {"messages": [QUESTION, ANSWER]},
    {"messages": [said("system", "Be brief."), QUESTION, ANSWER]},
    {
        "messages": [
            said("system", "  Seas and ships.\n"),
            said("user", "  Hello! "),
            said("assistant", "Ahoy.\n"),
            said("user", "\nWhere to?\n\n"),
            said("assistant", "  Out to sea…  "),
        ]
    },
    {
        "messages": [
            said("user", "Größe? 🙂👍🏽"),
            said("assistant", "🙂 drei Meter — «ok»"),
            said("user", "\u3000京都\u00a0"),
            said("assistant", "\u2003駅\u3000"),
            said("user", "e\u0301\u200b"),
            said("assistant", "👩‍🚀"),
        ]
    },
    {"messages": [said("user", ""), said("assistant", "")]},
]

ALL = PLAIN + [
    {"messages": [QUESTION]},
    {"messages": [said("system", "Be brief."), QUESTION]},
    {"messages": [said("system", "Only rules.")]},
    {"messages": []},
    {"messages": [ANSWER, QUESTION]},
    {"messages": [QUESTION, QUESTION, ANSWER]},
    {"messages": [said("developer", "Hm."), QUESTION, ANSWER]},
    {"messages": [said("system", text("Rules.")), said("user", text("One. ", " Two")), ANSWER]},
    {
        "messages": [
            said("user", [{"type": "image", "url": "a.png"}] + text("What?", "Where?", "Why?", "Who?")),
            said("assistant", []),
        ]
    },
    {"messages": [QUESTION, said("assistant", None), said("user", "Well?")]},
    {"messages": [QUESTION], "tools": [WEATHER]},
    {
        "messages": [
            said("system", "Use tools."),
            said("user", "Weather in Bern?"),
            called("weather", {"place": "Bern", "days": 1, "exact": 0.1, "now": True, "at": None}),
            said("tool", '{"degrees": 21}', tool_call_id="abcdefghi", name="weather"),
            said("assistant", "21 degrees."),
            said("user", "And elsewhere?"),
        ],
        "tools": [WEATHER, SEARCH],
    },
    {
        "messages": [
            said("user", "Look."),
            called("search", {"words": ["a\"b", "c\\d", "\u00e9\n"], "options": {}}, "Let me see."),
            said("tool", "one", tool_call_id="abcdefghi"),
            said("tool", "two", tool_call_id="abcdefghi"),
        ],
        "tools": [SEARCH],
        "variables": {"builtin_tools": ["interpreter", "search"], "date_string": "1 May 2024"},
    },
    {
        "messages": [
            QUESTION,
            said("assistant", "<think>\nShips…\n</think>\n\nA place for ships."),
            said("user", "Really?"),
            said("assistant", "Yes.", reasoning_content="\nSure.\n"),
        ],
        "variables": {"enable_thinking": False},
    },
    {
        "messages": [
            QUESTION,
            said("assistant", "<think>\nHm.\n</think>\n\nA port."),
            said("user", "<tool_response>\n1\n</tool_response>"),
            said("assistant", "<think>Now</think>One."),
        ],
        "variables": {"enable_thinking": True},
    },
]
