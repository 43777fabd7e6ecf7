#ifndef COLLECTORS_SESSIONSET_H
#define COLLECTORS_SESSIONSET_H

/* The settings of session-watch. */

#include <stdbool.h>

#include "lib/settings.h"

#define SESSION_SOURCE "session-watch"

struct set {
	char *url, *state;
	double interval, timeout, cache;
	long long hints;
	bool no_events, once;
};

extern const struct settings_tool session_tool;

#endif
