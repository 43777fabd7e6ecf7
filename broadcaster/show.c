#include "broadcaster/audience.h"
#include "broadcaster/pass.h"
#include "broadcaster/show.h"

bool
show_body(struct hub *h, const struct dialect *d, const struct grant *grant, int64_t wall, struct strbuf *out)
{
	struct topicset *set = pass_limit(h, grant);
	bool known = update_body(&h->update, d, set, wall, out);

	topicset_unref(h->topics, set);
	return known;
}

size_t
show_list(struct hub *h, const struct dialect *d, const struct dialect_section *s, const struct grant *grant,
    const struct compose_pick *pick, struct strbuf *out)
{
	struct topicset *set = pass_limit(h, grant);
	size_t n = compose_elements(&h->update.compose, d, s, set, pick, out);

	topicset_unref(h->topics, set);
	return n;
}
