#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "pick.h"

enum { NO_SLOT = -1 };

struct pick_node {
	struct pick_node *next, *child;
	struct pick_rows *rows;
	long slot;
	size_t len;
	char name[];
};

static struct pick_node *
node_at(struct pick_node **list, const char *name, size_t len)
{
	struct pick_node *n;

	for (; (n = *list); list = &n->next)
		if (n->len == len && !memcmp(n->name, name, len))
			return n;
	n = xcalloc(1, sizeof *n + len + 1);
	n->slot = NO_SLOT;
	n->len = len;
	memcpy(n->name, name, len);
	*list = n;
	return n;
}

static struct pick_node *
node_of(struct pick *p, const char *path)
{
	struct pick_node **list = &p->top, *n;
	size_t len;

	for (;; path += len + 1) {
		len = strcspn(path, ".");
		n = node_at(list, path, len);
		if (!path[len])
			return n;
		list = &n->child;
	}
}

size_t
pick_want(struct pick *p, const char *path)
{
	struct pick_node *n = node_of(p, path);

	if (n->slot == NO_SLOT) {
		p->slot = xreallocarray(p->slot, p->n + 1, sizeof *p->slot);
		n->slot = (long)p->n++;
	}
	return (size_t)n->slot;
}

struct pick_rows *
pick_each(struct pick *p, const char *path)
{
	struct pick_node *n = node_of(p, path);

	if (!n->rows)
		n->rows = xcalloc(1, sizeof *n->rows);
	return n->rows;
}

/* Nothing found, below a list of nodes. */
static void
forget(const struct pick_node *n, struct span *slot)
{
	for (; n; n = n->next) {
		if (n->slot != NO_SLOT)
			slot[n->slot] = (struct span){NULL, 0};
		if (n->rows) {
			n->rows->n = 0;
			n->rows->there = n->rows->cut = false;
		}
		forget(n->child, slot);
	}
}

static const struct pick_node *
node_named(const struct pick_node *n, struct span key, bool escaped)
{
	for (; n; n = n->next)
		if (escaped ? json_equals(key, n->name) : n->len + 2 == key.len && !memcmp(n->name, key.p + 1, n->len))
			break;
	return n;
}

static void walk(const struct pick_node *, struct json_cursor *, struct span *slot);

static void
walk_rows(struct pick_rows *rows, struct json_cursor *c)
{
	struct span *row;

	rows->n = 0;
	rows->cut = false;
	rows->there = json_at(c, '[');
	if (!rows->there) {
		json_take(c);
		return;
	}
	json_enter(c);
	while (json_element(c)) {
		if (!json_at(c, '{') || rows->n == PICK_ROWS) {
			rows->cut |= json_at(c, '{');
			json_take(c);
			continue;
		}
		if (rows->n == rows->cap) {
			rows->cap = rows->cap ? 2 * rows->cap : 16;
			rows->v = xreallocarray(rows->v, rows->cap, (rows->of.n + 1) * sizeof *rows->v);
		}
		row = rows->v + rows->n++ * rows->of.n;
		forget(rows->of.top, row);
		walk(rows->of.top, c, row);
	}
}

/* A value that was asked for. A path may be wanted itself, and others through it. */
static void
visit(const struct pick_node *n, struct json_cursor *c, struct span *slot)
{
	const char *from = c->p;

	forget(n->child, slot);
	if (n->rows)
		walk_rows(n->rows, c);
	else if (n->child && json_at(c, '{'))
		walk(n->child, c, slot);
	else
		json_take(c);
	if (n->slot != NO_SLOT)
		slot[n->slot] = (struct span){from, (size_t)(c->p - from)};
}

/* The object at the cursor, to behind its end. */
static void
walk(const struct pick_node *list, struct json_cursor *c, struct span *slot)
{
	const struct pick_node *n;
	struct span key;
	bool escaped;

	json_enter(c);
	while (json_key(c, &key, &escaped)) {
		n = node_named(list, key, escaped);
		if (n)
			visit(n, c, slot);
		else
			json_take(c);
	}
}

void
pick_walk(struct pick *p, struct span object)
{
	struct json_cursor c = json_cursor(object);

	forget(p->top, p->slot);
	if (json_is(object, '{'))
		walk(p->top, &c, p->slot);
}

static void
free_nodes(struct pick_node *n)
{
	struct pick_node *next;

	for (; n; n = next) {
		next = n->next;
		free_nodes(n->child);
		if (n->rows) {
			pick_free(&n->rows->of);
			free(n->rows->v);
			free(n->rows);
		}
		free(n);
	}
}

void
pick_free(struct pick *p)
{
	free_nodes(p->top);
	free(p->slot);
	*p = (struct pick){0};
}
