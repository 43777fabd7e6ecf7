#include "broadcaster/dialect.h"

#include "check.h"

static void
fill(const char *template, const char *want)
{
	static const struct dialect_var vars[] = {{"a", "1"}, {"long", "two"}, {"empty", ""}, {NULL, NULL}};
	struct strbuf out = {0};

	dialect_fill(template, vars, &out);
	CHECK_STR(out.s, want);
	strbuf_free(&out);
}

static void
templates(void)
{
	fill("plain", "plain");
	fill("$a", "1");
	fill("x$a.$long$a", "x1.two1");
	fill("{$empty}", "{}");
	fill("{$unknown}", "{}");
	fill("$$a", "$a");
	fill("$", "");
	fill("\"$long\",$a}", "\"two\",1}");
	fill("$Along", "Along");
}

static void
rows(void)
{
	const struct dialect *d = dialect_at("/ws", 3);

	CHECK(d && !strcmp(d->name, "kato"));
	CHECK(dialect_events_at("/events", 7) && !dialect_events_at("/ws", 3) && !dialect_at("/events", 7));
	CHECK(!dialect_at("/ws/", 4) && !dialect_at("/w", 2) && !dialect_at("", 0));
	CHECK(dialect_verb(d, "subscribe") == VERB_SUBSCRIBE && dialect_verb(d, "get_snapshot") == VERB_SNAPSHOT);
	CHECK(dialect_verb(d, "Subscribe") == VERB_NONE && dialect_verb(d, "") == VERB_NONE);
	CHECK(dialect_section(d, "containers") && !dialect_section(d, "source_status"));
	CHECK_STR(dialect_section(d, "containers")->key, "name");
}

/* What holds for every row, later ones too. */
static void
each_row(void)
{
	for (size_t i = 0; i < dialects_count; i++) {
		const struct dialect *d = dialects[i];

		CHECK(d->name && d->paths && *d->paths && d->command && d->verbs && d->params && d->topics && d->sections);
		CHECK(d->body && d->state && d->value && d->pong && d->text_pong);
		CHECK(d->state_type && d->ping_type && d->text_ping_type);
		CHECK(strstr(d->body, "$sections") && (strstr(d->state, "$sections") || strstr(d->state, "$body")) && strstr(d->value, "$data"));
		CHECK(d->error && strstr(d->error, "$message") && !d->bad_json == !d->bad_object && !d->bad_json == !d->bad_verb && !d->bad_json == !d->no_verb);
		CHECK(!d->events || (d->event && strstr(d->event, "$data")));
		CHECK((!d->refusal || strstr(d->refusal, "$detail")) && dialect_number(d) == i);
	}
}

int
main(void)
{
	templates();
	rows();
	each_row();
	return check_done();
}
