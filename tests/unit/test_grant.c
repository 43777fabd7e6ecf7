#include "broadcaster/grant.h"

#include "check.h"

static void
add(struct grant *g, const char *name)
{
	CHECK(grant_add(g, name, strlen(name)));
}

int
main(void)
{
	struct grant g = {.until_ms = GRANT_FOREVER};

	CHECK(grant_type(NULL, "metrics") && grant_part(NULL, "containers", "a") && !grant_has_parts(NULL, "containers"));
	CHECK(grant_type(&g, "metrics") && grant_part(&g, "containers", "a"));
	g.limited = true;
	CHECK(!grant_type(&g, "metrics") && !grant_part(&g, "metrics", "a"));
	add(&g, "session_events");	/* the record's own type is what counts */
	add(&g, "container.b");
	add(&g, "metric");
	CHECK(grant_type(&g, "session_event") && !grant_type(&g, "session_events") && !grant_type(&g, "session"));
	CHECK(grant_type(&g, "metrics") && grant_part(&g, "metrics", "any"));
	CHECK(!grant_type(&g, "containers") && grant_part(&g, "containers", "b") && grant_has_parts(&g, "containers"));
	CHECK(!grant_part(&g, "containers", "a") && !grant_part(&g, "containers", "bb") && !grant_part(&g, "containers", ""));
	CHECK(!grant_part(&g, "container", "b") && !grant_has_parts(&g, "metrics"));
	CHECK(!grant_add(&g, "Not One", 7) && !grant_add(&g, "", 0) && g.n == 3);
	CHECK(!grant_type(&g, "*"));
	add(&g, "*");
	CHECK(!g.limited && grant_type(&g, "anything") && g.n == 3);
	grant_free(&g);
	CHECK(!g.keys.s && g.until_ms == GRANT_FOREVER && !g.limited);
	return check_done();
}
