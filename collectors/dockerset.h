#ifndef COLLECTORS_DOCKERSET_H
#define COLLECTORS_DOCKERSET_H

/* The settings of docker-stats. */

#include <stdbool.h>

#include "lib/settings.h"

#define DOCKER_SOURCE "docker-stats"

struct set {
	char *host;
	struct strlist names, labels, expect;
	bool all, once, probe;
	double interval, timeout;
	long long max;
};

extern const struct settings_tool docker_tool;

#endif
