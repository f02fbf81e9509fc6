"""What the suite measured, as a table of ratios, a table of all figures, and a chart."""

from html import escape

# What is compared: its name, this figure, that figure, and where it should be. A figure is shape, server, key.
RATIOS = [
    ("CPU per cycle to the floor's, 16 deep",
     ("16 deep", "holdfast", "cpu"), ("16 deep", "floor", "cpu"), "at most 2.0"),
    ("cycles/s to Redis', 16 deep",
     ("16 deep", "holdfast", "rate"), ("16 deep", "redis", "rate"), "at least 3"),
    ("cycles/s to the floor's, 1 in flight",
     ("1 in flight", "holdfast", "rate"), ("1 in flight", "floor", "rate"), "at least 0.85"),
    ("cycles/s to etcd's, 1 in flight",
     ("1 in flight", "holdfast", "rate"), ("1 in flight", "etcd", "rate"), ""),
    ("hand-over p50 to the sleeping floor's",
     ("hand-over", "holdfast", "p50"), ("hand-over", "floor", "p50"), "at most 0.5"),
    ("the same without polling",
     ("hand-over", "holdfast asleep", "p50"), ("hand-over", "floor", "p50"), "at most 1.25"),
    ("durable cycles/s to Redis', 16 deep",
     ("16 deep", "holdfast durable", "rate"), ("16 deep", "redis durable", "rate"), "at least 3"),
    ("durable cycles/s to Redis', 1 in flight",
     ("1 in flight", "holdfast durable", "rate"), ("1 in flight", "redis durable", "rate"),
     "at least 1.5"),
    ("bytes per held lock to Redis'",
     ("a million held", "holdfast", "bytes"), ("a million held", "redis", "bytes"), ""),
    ("CPU per cycle, 1,000,000 resources to 1,000",
     ("1,000,000 resources", "holdfast", "cpu"), ("1,000 resources", "holdfast", "cpu"),
     "at most 1.5"),
    ("CPU per cycle, 10,000 connections to 64",
     ("10,000 connections", "holdfast", "cpu"), ("1 in flight", "holdfast", "cpu"),
     "at most 1.5"),
    ("the same of the floor",
     ("10,000 connections", "floor", "cpu"), ("1 in flight", "floor", "cpu"), ""),
    ("CPU per cycle, two loops to one",
     ("16 deep", "holdfast 2 loops", "cpu"), ("16 deep", "holdfast", "cpu"), "at most 1.3"),
    ("p99.9 while 100,000 leases end, to the quiet",
     ("100,000 leases end", "holdfast", "p999"), ("1 in flight", "holdfast", "p999"),
     "at most 10"),
    ("CPU per cycle, shared readers to exclusive",
     ("shared readers", "holdfast", "cpu"), ("16 deep", "holdfast", "cpu"), ""),
    ("CPU per cycle, semaphore to exclusive",
     ("semaphore", "holdfast", "cpu"), ("16 deep", "holdfast", "cpu"), ""),
    ("CPU per cycle, beside 100,000 waiters",
     ("beside 100,000 waiters", "holdfast", "cpu"), ("16 deep", "holdfast", "cpu"), ""),
    ("CPU per cycle, HTTP to TCP, 1 in flight",
     ("1 in flight", "holdfast http", "cpu"), ("1 in flight", "holdfast", "cpu"), "at most 2"),
]

COLUMNS = [
    ("rate", "k cycles/s", 1000), ("cpu", "CPU us/cycle", 1), ("p50", "p50 us", 1),
    ("p99", "p99 us", 1), ("p999", "p99.9 us", 1), ("bytes", "bytes/lock", 1),
]


def digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(value, scale):
    low, middle, high = (value[name] / scale for name in ("min", "median", "max"))
    return f"{digits(middle)} ({digits(low)}-{digits(high)})"


def ratios(results):
    """Of medians; what was not measured is left out."""
    found = []
    for name, this, that, aim in RATIOS:
        try:
            one, other = (results[shape][server][key]["median"] for shape, server, key in (this, that))
        except KeyError:
            continue
        if other > 0:
            found.append({"name": name, "ratio": one / other, "aim": aim})
    return found


def text(results):
    lines = ["ratios of medians"]
    for ratio in ratios(results):
        lines.append(f"  {ratio['name']:48}{digits(ratio['ratio']):>8}   {ratio['aim']}")
    for shape, servers in results.items():
        shown = [column for column in COLUMNS if any(column[0] in told for told in servers.values())]
        lines.append(f"\n{shape}")
        lines.append("  " + f"{'':18}" + "".join(f"{title:>24}" for _, title, _ in shown))
        for server, told in servers.items():
            cells = (spread(told[key], scale) if key in told else "" for key, _, scale in shown)
            lines.append(f"  {server:18}" + "".join(f"{cell:>24}" for cell in cells))
    return "\n".join(lines)


COLOURS = {"holdfast": "#1668a8", "redis": "#b5462f", "etcd": "#7a5ea8", "floor": "#8a8f98"}
ROW, LEFT, WIDTH, PANEL = 20, 150, 330, 520


def panel(title, unit, bars, x, y):
    """Bars of medians with the lowest and the highest round as a line."""
    most = max(bar["max"] for _, bar in bars) or 1
    parts = [f'<text x="{x}" y="{y}" class="t">{escape(title)}, {escape(unit)}</text>']
    for index, (server, bar) in enumerate(bars):
        top = y + 10 + index * ROW
        low, middle, high = (WIDTH * bar[name] / most for name in ("min", "median", "max"))
        colour = COLOURS[server.split()[0]]
        parts.append(f'<text x="{x + LEFT - 6}" y="{top + 12}" class="n">{escape(server)}</text>')
        parts.append(
            f'<rect x="{x + LEFT}" y="{top}" width="{middle:.1f}" height="{ROW - 6}" fill="{colour}"/>'
        )
        parts.append(
            f'<path d="M{x + LEFT + low:.1f} {top + 7}H{x + LEFT + high:.1f}" stroke="#111" stroke-width="1.5"/>'
        )
        parts.append(
            f'<text x="{x + LEFT + WIDTH + 6}" y="{top + 12}" class="v">{digits(bar["median"])}</text>'
        )
    return "".join(parts)


def svg(results):
    """Two panels a shape: how many cycles, and what each cost the server; without them, what there is."""
    parts, y = [], 30
    for shape, servers in results.items():
        keys = [column for column in COLUMNS if column[0] in ("rate", "cpu", "bytes")]
        x = 10
        for key, unit, scale in keys:
            bars = [
                (server, {name: told[key][name] / scale for name in ("min", "median", "max")})
                for server, told in servers.items() if key in told
            ]
            if not bars:
                continue
            parts.append(panel(shape, unit, bars, x, y))
            x += PANEL + 30
        y += 40 + ROW * len(servers)
    style = (
        "text{font:12px system-ui,sans-serif;fill:#222}.t{font-weight:600}.n{text-anchor:end}"
        ".v{font-variant-numeric:tabular-nums}"
    )
    width = 2 * PANEL + 80
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
