"""Texts that were written to hang or to bloat whoever renders them."""

# From research: an expression that made 100 MB, and one that ran for 55 s in another template language.
FROM_RESEARCH = ("{{ 'x'*10**8 }}", "{{ 'a'.join(['b']*10**7) }}")

_DOUBLING = "{% assign a = 'xxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}"
_CAPTURED = "{% capture a %}xxxxxxxx{% endcapture %}" + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 40
_REPLACED = "{{ 'aaaaaaaaaaaaaaaaaaaa'" + " | replace: 'a', 'aaaaaaaaaaaaaaaaaaaa'" * 12 + " }}"
_LOOPS = "{% for a in (1..100000) %}" * 3 + "x" + "{% endfor %}" * 3
_NESTED = "{% if customer.name %}" * 400 + "x" + "{% endif %}" * 400
_POWERS = "{{ 9" + " | times: 99999999999" * 200 + " }}"

REFUSED = (
    *FROM_RESEARCH,
    _DOUBLING,
    _CAPTURED,
    _REPLACED,
    _LOOPS,
    _NESTED,
    _POWERS,
    "{% for i in (1..100000000) %}x{% endfor %}",
    "{% tablerow i in (1..100000000) %}x{% endtablerow %}",
    "{{ (1..100000000) | join }}",
    "{% include 'etc/passwd' %}",
    "{% render 'x' %}",
    "{% liquid echo 'x' %}",
    "{% raw %}" * 1100,
    # Liquid's own lexer takes seconds for these.
    "{{" * 5_000,
    "{%" * 5_000,
    "{" * 10_000,
    "{{" + " " * 9_998,
    "{% if" + " " * 9_995,
    "{{ customer" + "[customer" * 1_000 + "]" * 1_000 + " }}",
    "{{ customer.name" + " | upcase" * 1_000 + " }}",
    "{{ '" * 2_000,
    "{{ customer.name | default: " + "'x'," * 60 + "}}",
    "{% if customer.name " + "and customer.name " * 1_000 + "%}x{% endif %}",
)
