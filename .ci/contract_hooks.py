"""What the requests of schemathesis are changed in: a wait of minutes is as good as one of a moment, and a lease of a
day that nobody ends would let all that come after it wait."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    query = case.query if case.query is not None else {}
    if "wait" not in query:
        if case.operation.path in ("/v1/locks", "/v1/tickets/{ticket}/acquire"):
            case.query = {**query, "wait": 0.1}
    elif isinstance(query["wait"], (int, float, str)):
        try:
            if float(query["wait"]) > 0.1:
                query["wait"] = 0.1
        except ValueError:
            pass
