#include "broadcaster/subject.h"
#include "lib/json.h"

static void
look(const struct topics *t, const char *kind, const struct dialect_event *row, const struct event *e, struct subject *out)
{
	struct span data = json_member((struct span){e->message, e->len}, "data");
	struct strbuf id = {0};

	out->known = true;
	for (size_t i = 0; i < DIALECT_SUBJECTS_MAX && row->subject[i]; i++) {
		strbuf_reset(&id);
		if (json_string(json_member(data, row->subject[i]), &id) && (out->v[out->n] = topics_find_subject(t, kind, id.s)))
			out->n++;
	}
	strbuf_free(&id);
}

bool
subject_wanted(const struct topics *t, const struct dialect *d, const struct topicset *set, const struct event *e, struct subject *s)
{
	const struct dialect_event *row;
	size_t n;

	topicset_subjects(set, &n);
	if (!n || !d->subject || !(row = dialect_event(d, e->type)) || !row->subject[0])
		return true;
	if (!s->known)
		look(t, d->subject, row, e, s);
	for (size_t i = 0; i < s->n; i++)
		if (topicset_has(set, s->v[i]))
			return true;
	return false;
}
