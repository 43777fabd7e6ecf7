#include "check.h"
#include "collectors/sessionmem.h"

enum { HOLD = 6000 };
#define KATO "http://kato:8000"

static struct sessions_now
at(int64_t s)
{
	return (struct sessions_now){.mono = 1000000 + s * 1000, .wall = 1767225600000 + s * 1000};
}

static void
count(struct sessions *s, long long n, int64_t second, const char *reason, struct strbuf *out)
{
	struct sessions_count c = {.n = n, .asked = at(second).mono, .blind = reason != NULL, .reason = reason};

	strbuf_reset(out);
	strbuf_adds(out, "");
	sessions_count(s, &c, at(second), out);
}

/* Five, three seconds later seven; kept; taken up `later` seconds after that by a new one. */
static void
restart(struct sessions *s, int64_t later, struct strbuf *unsent)
{
	static struct sessions was;
	struct strbuf out = {0}, kept = {0};

	sessions_init(&was, "session-watch", HOLD);
	count(&was, 5, 0, NULL, &out);
	count(&was, 7, 20, NULL, &out);
	CHECK(was.active == 7 && was.total == 7 && was.serial == 2);
	sessionmem_dump(&was, KATO, at(20), out.s, out.len, &kept);
	sessions_init(s, "session-watch", HOLD);
	CHECK(sessionmem_load(s, KATO, at(20 + later), kept.s, kept.len, unsent));
	CHECK(unsent->len == (later <= 60 ? out.len : 0));
	strbuf_reset(unsent);
	sessionmem_dump_written(&kept);
	sessions_init(s, "session-watch", HOLD);
	CHECK(sessionmem_load(s, KATO, at(20 + later), kept.s, kept.len, unsent) && !unsent->len);
	sessions_init(s, "session-watch", HOLD);
	CHECK(sessionmem_load(s, "http://other", at(20 + later), kept.s, kept.len, unsent) && !s->known && !s->serial);
	sessions_init(s, "session-watch", HOLD);
	CHECK(sessionmem_load(s, KATO, at(20 + later), kept.s, kept.len, unsent));
	strbuf_free(&out);
	strbuf_free(&kept);
}

static const char *const wrong[] = {
	"", "x", "{\"at\":1,\"low\":1,\"high\":1}", "{\"kato\":\"" KATO "\"}",
	"{\"kato\":\"" KATO "\",\"saved\":1,\"active\":5,\"total\":4,\"serial\":0,\"event\":0}",
	"{\"kato\":\"" KATO "\",\"saved\":1,\"active\":5e30,\"total\":4,\"serial\":0,\"event\":0}",
	"{\"kato\":\"" KATO "\",\"saved\":1,\"active\":5,\"total\":5,\"serial\":0,\"event\":0}\n{\"at\":2,\"low\":3,\"high\":2}",
	"{\"kato\":\"" KATO "\",\"saved\":1,\"active\":5,\"total\":5,\"serial\":0,\"event\":0}\n{\"unsent\":\"no newline\"}",
};

int
main(void)
{
	static struct sessions s;
	struct strbuf out = {0}, unsent = {0};

	/* a count from before the kill undoes nothing; one that differs is an event with a reason and a number of its own */
	restart(&s, 1, &unsent);
	CHECK(s.known && s.active == 7 && s.total == 7);
	count(&s, 5, 21, "restart", &out);
	CHECK_STR(out.s, "");
	count(&s, 9, 22, "restart", &out);
	CHECK(strstr(out.s, "\"id\":\"created_1767225622000_3\"") && strstr(out.s, "\"delta\":2") && strstr(out.s, "\"reason\":\"restart\""));
	CHECK(strstr(out.s, "\"time_since_last_event\":2,") && s.total == 9);

	/* later all those before are too old */
	restart(&s, 30, &unsent);
	count(&s, 5, 50, "restart", &out);
	CHECK(strstr(out.s, "session_destroyed") && strstr(out.s, "\"delta\":-2") && s.total == 7);

	/* of hours ago: no events, the total goes on, so does the number */
	restart(&s, 7200, &unsent);
	CHECK(!s.known && s.serial == 2);
	count(&s, 10, 7220, NULL, &out);
	CHECK_STR(out.s, "");
	CHECK(s.active == 10 && s.total == 10);
	restart(&s, 7200, &unsent);
	count(&s, 3, 7220, NULL, &out);
	CHECK(s.active == 3 && s.total == 7);

	/* the clock was set back */
	restart(&s, -7200, &unsent);
	count(&s, 7, -7100, NULL, &out);
	CHECK(s.active == 7 && !out.len);

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		sessions_init(&s, "session-watch", HOLD);
		CHECK(!sessionmem_load(&s, KATO, at(0), wrong[i], strlen(wrong[i]), &unsent));
		CHECK(!s.known);
	}
	strbuf_free(&out);
	strbuf_free(&unsent);
	return check_done();
}
