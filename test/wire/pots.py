"""Pots for the tests of coffee.md: a configuration whose times make each state last, or pass at once."""

import json

COFFEE = {"Content-Type": "message/coffeepot"}
TEA = {"Content-Type": "message/teapot"}

# slow heats for an hour; steeping brews for one; pouring pours for one; quick is done at once.
POTS = """
    pot "slow" { additions = { Cream, Sugar, Vanilla }
        heating = 1h  brewing = 1h }
    pot "steeping" { additions = { Cream }
        heating = 0s  brewing = 1h }
    pot "pouring" { additions = { Cream, Whole-milk }
        heating = 0s  brewing = 0s  pouring = 1h  milk = 100 }
    pot "quick" { additions = { Cream, Half-and-half, Whole-milk, Part-Skim, Skim, Non-Dairy, Vanilla, Almond, Raspberry, Chocolate,
                                Whisky, Rum, Kahlua, Aquavit, Sugar, Xylitol, Stevia }
        heating = 0s  brewing = 0s  pouring = 0s }
    pot "plain" { heating = 0s  brewing = 0s }
    pot "teapot" { brews = tea
        additions = { Cream, Skim, Vanilla, Rum, Sugar }
        heating = 0s  pouring = 0s
        tea "earl-grey" { steeping = 1h
            against = { Cream, "Vanilla+Rum" } }
        tea "darjeeling" { steeping = 0s }
        tea "oolong" { is-out = on } }
    pot "both" { brews = both
        heating = 0s  brewing = 1h
        tea "peppermint" { steeping = 1h }
        tea "earl-grey" { steeping = 1h } }
    pot "empty" { brews = both
        coffee-is-out = on  retry-after = 7m
        heating = 0s
        tea "rooibos" { steeping = 0s } }
    pot "emptied" { brews = coffee
        coffee-is-out = on }
"""


def config(pots=POTS, rest=""):
    return 'listen = { "127.0.0.1:0" }\nsite "kitchen" {\n    root = "{root}"\n%s%s\n}\n' % (pots, rest)


def brew(server, path, body="start", fields=None, method="BREW"):
    return server.request(method, path, {**COFFEE, **(fields or {})}, body)


def steep(server, path, body="start", fields=None, method="BREW"):
    return server.request(method, path, {**TEA, **(fields or {})}, body)


def state(server, path, **options):
    """What GET says, as an object."""
    got = server.get(path, {"Accept": "application/json", **options})
    assert got.status == 200, got
    return json.loads(got.text)


def rest(server, *paths):
    """They do nothing from now on, whatever another test left behind."""
    for path in paths:
        (brew if "tea" not in path else steep)(server, path, "stop")
