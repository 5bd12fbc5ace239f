/*
 * page.c - what all our own pages have in common: their style sheet and their Content-Security-Policy.
 *
 * The pages hold no style and no script of their own, so that the policy may forbid everything inline: what
 * a file's name smuggled into a page would still not run.
 */
#include "repr/repr.h"

struct slice page_csp(void)
{
    return SLICE("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
                 "frame-ancestors 'self'");
}

struct slice untrusted_csp(void)
{
    /* An origin of its own, no script, no form, no pop-up (CSP 3, 6.3.2). */
    return SLICE("sandbox");
}

static const char style[] =
    ":root {\n"
    "  color-scheme: light dark;\n"
    "  --ground: #fbfaf8; --sheet: #fff; --ink: #24211d; --quiet: #6b645b; --line: #e7e2da;\n"
    "  --link: #8a3d12; --link-seen: #5f4b66; --hover: #f6f1ea; --copper: #b5602d; --folder: #d08a3f; --file: "
    "#b9b1a5;\n"
    "}\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root {\n"
    "    --ground: #171513; --sheet: #1f1c19; --ink: #e9e4dc; --quiet: #a59c90; --line: #37322c;\n"
    "    --link: #f0a878; --link-seen: #c9b0d6; --hover: #2a2520; --copper: #d98550; --folder: #d9974d; --file: "
    "#7d756a;\n"
    "  }\n"
    "}\n"
    "* { box-sizing: border-box; }\n"
    "body {\n"
    "  margin: 0 auto; max-width: 64rem; padding: 1.5rem 1.25rem 3rem;\n"
    "  background: var(--ground); color: var(--ink);\n"
    "  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif;\n"
    "}\n"
    "a { color: var(--link); text-decoration: none; }\n"
    "a:hover { text-decoration: underline; }\n"
    ":focus-visible { outline: 2px solid var(--copper); outline-offset: 2px; border-radius: 2px; }\n"
    "\n"
    "header { margin-bottom: 1rem; }\n"
    "nav ol { display: inline; margin: 0; padding: 0; list-style: none; }\n"
    "nav li { display: inline; overflow-wrap: anywhere; }\n"
    "nav li::after { content: '/'; color: var(--quiet); margin: 0 .4em; }\n"
    "h1 { margin: .1rem 0 0; font-size: 1.6rem; line-height: 1.25; font-weight: 650; overflow-wrap: anywhere; }\n"
    "header p { margin: .25rem 0 0; color: var(--quiet); font-size: .9rem; }\n"
    "\n"
    "table { width: 100%; border-collapse: separate; border-spacing: 0;\n"
    "  background: var(--sheet); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }\n"
    "th, td { padding: .5rem .9rem; text-align: left; vertical-align: baseline; }\n"
    "th { font-size: .8rem; font-weight: 600; border-bottom: 1px solid var(--line); }\n"
    "th a { display: block; color: var(--quiet); }\n"
    "th[aria-sort] a { color: var(--ink); }\n"
    "th[aria-sort='ascending'] a::after { content: ' \\2191'; }\n"
    "th[aria-sort='descending'] a::after { content: ' \\2193'; }\n"
    "tbody tr + tr > * { border-top: 1px solid var(--line); }\n"
    "tbody tr:hover { background: var(--hover); }\n"
    "td:first-child { overflow-wrap: anywhere; padding-left: 2.6rem; position: relative; }\n"
    "td a { display: block; }\n"
    "td a:visited { color: var(--link-seen); }\n"
    "th + th, td + td { white-space: nowrap; color: var(--quiet); font-variant-numeric: tabular-nums; }\n"
    "th:nth-child(2), td:nth-child(2) { text-align: right; }\n"
    "\n"
    "td:first-child::before { content: ''; position: absolute; left: 1rem; top: .8rem; width: .95rem; height: .95rem; "
    "}\n"
    ".folder td:first-child::before { background: var(--folder);\n"
    "  clip-path: polygon(0 12%, 40% 12%, 50% 26%, 100% 26%, 100% 90%, 0 90%); }\n"
    ".file td:first-child::before { background: var(--file);\n"
    "  clip-path: polygon(14% 0, 62% 0, 62% 28%, 88% 28%, 88% 100%, 14% 100%); }\n"
    ".up td:first-child::before { background: var(--quiet);\n"
    "  clip-path: polygon(50% 8%, 90% 48%, 62% 48%, 62% 92%, 38% 92%, 38% 48%, 10% 48%); }\n"
    ".broken td:first-child::before { background: var(--line); clip-path: polygon(50% 8%, 92% 50%, 50% 92%, 8% 50%); "
    "}\n"
    ".broken { color: var(--quiet); }\n"
    ".broken small { margin-left: .6em; }\n"
    "td.note { color: var(--quiet); text-align: center; padding: 1.4rem 1rem; }\n"
    "footer { margin-top: 1rem; color: var(--quiet); font-size: .85rem; }\n"
    "footer p { margin: .2rem 0; }\n"
    "code { font: .95em ui-monospace, 'DejaVu Sans Mono', monospace; }\n"
    "\n"
    ".answer { max-width: 40rem; padding-top: 12vh; }\n"
    ".answer .code { margin: 0; font-size: 3.5rem; line-height: 1; font-weight: 700; color: var(--copper); }\n"
    ".answer h1 { margin: .4rem 0 .8rem; }\n"
    ".answer h1 small { font-size: 1rem; font-weight: 400; color: var(--quiet); }\n"
    ".answer p { overflow-wrap: anywhere; }\n"
    ".answer dt { margin-top: .6rem; font-size: .9rem; color: var(--quiet); }\n"
    ".answer dd { margin: 0; overflow-wrap: anywhere; }\n"
    ".answer p a { text-decoration: underline; }\n"
    "\n"
    ".portal { max-width: 30rem; padding-top: 4vh; }\n"
    ".portal form, .portal dl { margin: 1.2rem 0; padding: 1rem 1.2rem; background: var(--sheet);\n"
    "  border: 1px solid var(--line); border-radius: .6rem; }\n"
    ".portal h2 { margin: 0 0 .6rem; font-size: 1.15rem; }\n"
    ".portal form p { margin: .6rem 0; }\n"
    ".portal label { font-weight: 600; }\n"
    ".portal input:not([type='checkbox']) { width: 100%; padding: .6rem .7rem; font: inherit; color: inherit;\n"
    "  background: var(--ground); border: 1px solid var(--quiet); border-radius: .4rem; }\n"
    ".portal input[type='checkbox'] { width: 1.2rem; height: 1.2rem; vertical-align: -.2rem; accent-color: "
    "var(--copper); }\n"
    "#voucher { text-transform: uppercase; letter-spacing: .08em; font-family: ui-monospace, 'DejaVu Sans Mono', "
    "monospace; }\n"
    ".portal button { width: 100%; padding: .7rem 1rem; font: inherit; font-weight: 650; color: var(--sheet);\n"
    "  background: var(--link); border: 0; border-radius: .4rem; cursor: pointer; }\n"
    ".portal .terms { max-height: 40vh; overflow: auto; overflow-wrap: anywhere; padding: 0 .8rem;\n"
    "  border: 1px solid var(--line); border-radius: .4rem; font-size: .95rem; }\n"
    ".portal .said { padding: .7rem 1rem; border-inline-start: .3rem solid var(--copper); background: var(--hover); "
    "}\n"
    ".portal dl { display: grid; grid-template-columns: auto auto; gap: .3rem 1rem; }\n"
    ".portal dt { color: var(--quiet); }\n"
    ".portal dd { margin: 0; text-align: end; font-variant-numeric: tabular-nums; }\n"
    "\n"
    "@media (max-width: 40rem) {\n"
    "  body { padding: 1rem .6rem 2rem; }\n"
    "  th, td { padding: .55rem .6rem; }\n"
    "  td:first-child { padding-left: 2.2rem; }\n"
    "  td:first-child::before { left: .7rem; }\n"
    "  time .clock { display: none; }\n"
    "}\n"
    "@media (max-width: 24rem) { th:nth-child(3), td:nth-child(3) { display: none; } }\n";

struct slice page_style_css(void)
{
    return slice_of(style, sizeof(style) - 1);
}
