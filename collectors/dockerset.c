#include <stddef.h>

#include "collectors/docker.h"
#include "collectors/dockerset.h"

#define AT(member) offsetof(struct set, member)
static const struct setting table[] = {
	{"host", 'H', "DOCKER_HOST", NULL, SET_STRING, AT(host), DOCKER_HOST_DEFAULT, 0, 0, "URL",
	 "the Engine API: unix://PATH or tcp://HOST:PORT"},
	{"name", 'n', "KATO_DOCKER_NAME", NULL, SET_LIST, AT(names), NULL, 0, 0, "GLOB",
	 "containers whose name matches; without any selection kato*"},
	{"label", 'l', "KATO_DOCKER_LABEL", NULL, SET_LIST, AT(labels), NULL, 0, 0, "K[=V]",
	 "and those that carry this label"},
	{"all", 'a', "KATO_DOCKER_ALL", NULL, SET_BOOL, AT(all), NULL, 0, 0, NULL, "all containers of the host"},
	{"expect", 'e', "KATO_DOCKER_EXPECT", NULL, SET_LIST, AT(expect), NULL, 0, 0, "NAME",
	 "one that must exist, else it is shown as missing; the word none: no one; without any selection kato"},
	{"interval", 'i', "KATO_DOCKER_INTERVAL", NULL, SET_NUMBER, AT(interval), "3", 0.2, 3600, "S", "seconds between readings"},
	{"timeout", 't', "KATO_DOCKER_TIMEOUT", NULL, SET_NUMBER, AT(timeout), "5", 0.1, 600, "S",
	 "seconds the engine has for an answer"},
	{"max-containers", 0, "KATO_DOCKER_MAX_CONTAINERS", NULL, SET_INT, AT(max), "2000", 1, 100000, "N",
	 "follow at most this many; the rest is counted"},
	{"once", '1', NULL, NULL, SET_BOOL, AT(once), NULL, 0, 0, NULL, "one record, of two samples a second apart, then exit"},
	{"probe", 0, NULL, NULL, SET_BOOL, AT(probe), NULL, 0, 0, NULL,
	 "print nothing: exit 0 if a selected container is there, else say why and exit 1"},
};

const struct settings_tool docker_tool = {
	.name = DOCKER_SOURCE,
	.synopsis = "[options]",
	.about = "Follows the containers of a Docker (or podman) host: their state, CPU, memory, network and disk every few\n"
		 "seconds, and what happens to them the moment it does, as records on standard output.",
	.examples = "  docker-stats --once | jq .\n"
		    "  docker-stats --all | jq -c 'select(.type == \"container_event\") | .data'\n"
		    "  docker-stats --name 'web-*' --expect web-db --interval 5 | alertd\n",
	.table = table,
	.n = sizeof table / sizeof table[0],
	.size = sizeof(struct set),
};
