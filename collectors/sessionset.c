#include <stddef.h>

#include "collectors/coverage.h"
#include "collectors/katoapi.h"
#include "collectors/sessionset.h"

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"url", 'u', "KATO_API_URL", NULL, SET_STRING, AT(url), KATOAPI_URL_DEFAULT, 0, 0, "URL", "where KATO answers"},
	{"interval", 'i', "KATO_SESSIONS_INTERVAL", NULL, SET_NUMBER, AT(interval), "1", 0.1, 3600, "S",
	 "seconds between counts"},
	{"timeout", 't', "KATO_SESSIONS_TIMEOUT", NULL, SET_NUMBER, AT(timeout), "2", 0.05, 600, "S", "seconds a count may take"},
	{"hints", 'n', "KATO_SESSIONS_HINTS", NULL, SET_INT, AT(hints), "8", 0, COVERAGE_SLOTS_MAX, "N",
	 "connections to KATO's events, each of which hears one of its workers; 0: none"},
	{"no-events", 0, "KATO_SESSIONS_NO_EVENTS", NULL, SET_BOOL, AT(no_events), NULL, 0, 0, NULL, "none: count only"},
	{"count-cache", 0, "KATO_SESSIONS_CACHE", NULL, SET_NUMBER, AT(cache), "5", 0, 60, "S",
	 "seconds each KATO worker keeps a count, its SESSION_COUNT_CACHE_TTL_SECONDS"},
	{"state", 's', "KATO_SESSION_STATE", NULL, SET_STRING, AT(state), NULL, 0, 0, "FILE",
	 "what is known, kept over a restart or a kill; a relative path lies in the state folder"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "one count, one record, then exit"},
};

const struct settings_tool session_tool = {
	.name = SESSION_SOURCE,
	.synopsis = "[options]",
	.about = "Follows the sessions of a KATO server: prints each one that comes or goes, at once where KATO's events tell,\n"
		 "and how many there are, as lines of JSON. A count that failed is not zero sessions.",
	.examples = "  session-watch --once | jq .data\n"
		    "  session-watch | jq -c --unbuffered 'select(.type == \"session_event\") | [.event_type, .data]'\n"
		    "  session-watch --url http://kato:8000 --no-events --interval 5 | alertd | broadcaster\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct set),
};
