/*
 * copy_bound.c - COPY in the presence of bindings (RFC 5842 §2.3).
 *
 * A bound resource in the tree is copied once, beside the tree, and its copy is bound by as many names; a name for the
 * tree itself makes the result bound. Where a member goes to a name of a bound resource of its kind, that one gets the
 * content and keeps all its names; of several such members the last one in the order of names wins.
 *
 * All of it waits in up/ until everything is whole. Then resources that are new become bound, with a record that keeps
 * them until their names are recorded, and those that are updated are exchanged, one by one; then the tree appears.
 *
 * Limit: what is updated under other names is seen there before the tree appears.
 */
#include "copy_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "facts.h"
#include "identity_look.h"

static const unsigned char nobody[ID_LEN];

/* ---- what is copied beside the tree ---- */

static struct product *product_add(struct products *products, const unsigned char source[ID_LEN],
                                   const unsigned char *id, enum kind kind)
{
    struct product *product = xcalloc(1, sizeof(*product));

    memcpy(product->source, source, ID_LEN);
    if (id)
        memcpy(product->id, id, ID_LEN);
    else
        identity_fresh(product->id);
    identity_fresh(product->draft);
    product->kind = kind;
    product->is_update = id != NULL;
    product->aside.folder = product->old = -1;
    *products->last = product;
    products->last = &product->next;
    return product;
}

/* id: of what is updated; NULL: any copy of the source that is no update will do. */
static struct product *product_find(const struct products *products, const unsigned char source[ID_LEN],
                                    const unsigned char *id)
{
    for (struct product *at = products->first; at; at = at->next)
        if (id_same(at->source, source) && (id ? id_same(at->id, id) : !at->is_update || at->is_top))
            return at;
    return NULL;
}

static bool keeps_target(const struct copying *copying)
{
    const struct standing *to = &copying->carriage->to.standing;

    return to->is_there && !copying->carriage->to.is_link &&
           to->facts.kind == copying->carriage->from.standing.facts.kind;
}

void products_init(struct copying *copying)
{
    struct products *products = &copying->products;
    struct carriage *carriage = copying->carriage;
    struct product *top;

    products->last = &products->first;
    if (!place_is_bound(&carriage->from.place))
        return;
    top = product_add(products, carriage->from.identity.id, keeps_target(copying) ? carriage->to.identity.id : NULL,
                      carriage->from.standing.facts.kind);
    top->is_top = true;
}

void products_release(struct copying *copying)
{
    struct products *products = &copying->products;

    while (products->first) {
        struct product *product = products->first;

        products->first = product->next;
        if (product->aside.folder >= 0 && product->aside.name[0])
            aside_drop(copying->carriage->store, &product->aside);
        aside_release(&product->aside);
        free(product);
    }
    while (products->names) {
        struct placed *name = products->names;

        products->names = name->next;
        free(name);
    }
}

static bool is_placed(const struct products *products, const unsigned char id[ID_LEN])
{
    for (const struct placed *at = products->names; at; at = at->next)
        if (id_same(at->id, id))
            return true;
    return false;
}

const struct product *products_top(const struct copying *copying)
{
    const struct product *top = copying->products.first;

    if (!top || !top->is_top || !is_placed(&copying->products, top->id) || place_is_bound(&copying->carriage->to.place))
        return NULL;
    return top;
}

int copy_replaced(struct copying *copying)
{
    return keeps_target(copying) ? copying->carriage->to.standing.fd : -1;
}

/* ---- names in the copy ---- */

static void label_of(const struct pair *pair, const char *name, struct buf *out)
{
    const char *top = pair->folder->top->label, *path = pair->folder->path;

    buf_printf(out, "%s%s%s%s%s", top, top[0] ? "/" : "", path, path[0] ? "/" : "", name);
}

/* Where the folder at work will be, without links. */
static void plain_of(const struct tree *tree, const struct pair *pair, struct buf *out)
{
    const struct product *product = pair->folder->top->product, *top = products_top(tree->copying);
    const struct place *to = &tree->copying->carriage->to.place;
    const char *path = pair->folder->path;
    char bound[BOUND_PATH_LEN + 1];

    if (!product)
        product = top;
    if (product) {
        bound_path(product->id, bound);
        buf_add_str(out, bound);
    } else
        buf_printf(out, "%s%s%s", to->parent, to->parent[0] ? "/" : "", to->name);
    buf_printf(out, "%s%s", path[0] ? "/" : "", path);
}

static void names_add(struct products *products, const unsigned char id[ID_LEN], struct slice path)
{
    struct placed *placed = xcalloc(1, sizeof(*placed) + path.len + 1);

    memcpy(placed->id, id, ID_LEN);
    memcpy(placed->path, path.ptr, path.len);
    placed->next = products->names;
    products->names = placed;
}

/* The result may turn out to be bound later; then links in it that were made before have a text that is put right. */
static enum err place_name(struct tree *tree, const struct pair *pair, const char *name, const unsigned char id[ID_LEN])
{
    struct buf label = BUF_INIT(2 * PATH_ROOM), plain = BUF_INIT(3 * PATH_ROOM);
    char text[PATH_ROOM];
    enum err err = ERR_NONE;

    label_of(pair, name, &label);
    plain_of(tree, pair, &plain);
    bound_text(buf_str(&plain), id, text);
    if (symlinkat(text, pair->to, name) < 0)
        err = err_from_errno(errno);
    else
        names_add(&tree->copying->products, id, buf_slice(&label));
    buf_release(&label);
    buf_release(&plain);
    return err;
}

/* ---- building ---- */

static enum err build_file(struct tree *tree, struct product *product, int folder, const char *name,
                           const unsigned char id[ID_LEN])
{
    struct spot spot = {folder, name, product->aside.folder, product->aside.name, bound_folder_id, product->draft};
    enum err err = aside_open(tree->store, &tree->copying->carriage->to.place, &product->aside);

    spot.to = product->aside.folder;
    return err == ERR_NONE ? copy_one_file(tree, &spot, id) : err;
}

static struct top *top_open(struct tree *tree, const struct product *product, int folder, const char *name,
                            const struct buf *label)
{
    struct top *top = xcalloc(1, sizeof(*top));
    char bound[BOUND_NAME_LEN + 1];

    bound_name(product->id, bound);
    top->from = open_beneath(folder, name, O_RDONLY | O_DIRECTORY);
    top->to = open_beneath(product->aside.folder, product->aside.name, O_RDONLY | O_DIRECTORY);
    top->replaced = product->is_update ? open_beneath(tree->store->state.bound, bound, O_PATH | O_DIRECTORY) : -1;
    top->product = product;
    top->label = xstrdup(slice_of(label->ptr, label->len));
    top->next = tree->tops;
    tree->tops = top;
    return top;
}

static enum err build_folder(struct tree *tree, struct product *product, int folder, const char *name,
                             const struct facts *facts, const unsigned char id[ID_LEN], const struct buf *label)
{
    struct carriage *carriage = tree->copying->carriage;
    enum err err = aside_make_folder(tree->store, &carriage->to.place, &product->aside);
    struct facts now;
    struct statx at;
    struct copied copied = {id, facts, &now, &at, bound_folder_id, slice_str(product->aside.name), product->draft};
    unsigned char copy[ID_LEN];

    if (err != ERR_NONE) {
        product->aside.folder = -1;
        return err;
    }
    if (statx(product->aside.folder, product->aside.name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE)
        err = facts_fill(tree->store, &at, &now);
    if (err == ERR_NONE)
        err = copy_records(tree->copying, &copied, copy);
    if (err == ERR_NONE) {
        const struct top *top = top_open(tree, product, folder, name, label);

        copy_push(tree, top, SLICE_NONE, id, product->id);
        err = top->from < 0 || top->to < 0 || (product->is_update && top->replaced < 0) ? ERR_IO : ERR_NONE;
    }
    return err;
}

void copy_tops_release(struct tree *tree)
{
    while (tree->tops) {
        struct top *top = tree->tops;

        tree->tops = top->next;
        fd_close(&top->from);
        fd_close(&top->to);
        fd_close(&top->replaced);
        free((char *)top->label);
        free(top);
    }
}

static enum err build(struct tree *tree, const struct pair *pair, const char *name, struct product *product, int folder,
                      const char *from, const struct facts *facts, const unsigned char id[ID_LEN])
{
    struct buf label = BUF_INIT(2 * PATH_ROOM);
    enum err err;

    label_of(pair, name, &label);
    err = facts->kind == KIND_FILE ? build_file(tree, product, folder, from, id)
                                   : build_folder(tree, product, folder, from, facts, id, &label);
    buf_release(&label);
    if (err == ERR_NONE)
        err = place_name(tree, pair, name, product->id);
    product->is_broken = err != ERR_NONE;
    return err;
}

/* What is there now where the member goes. ERR_MISSING: nothing that could be updated. */
static enum err find_replaced(struct tree *tree, const struct pair *pair, const char *name, enum kind kind,
                              unsigned char id[ID_LEN])
{
    struct facts facts;
    enum err err = pair->replaced < 0 ? ERR_MISSING : bound_read(tree->store, pair->replaced, name, id, &facts);

    return err == ERR_NONE && facts.kind != kind ? ERR_MISSING : err;
}

enum err copy_update(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts,
                     const unsigned char id[ID_LEN])
{
    unsigned char replaced[ID_LEN];
    enum err err = find_replaced(tree, pair, name, facts->kind, replaced);

    if (err != ERR_NONE)
        return err;
    return build(tree, pair, name, product_add(&tree->copying->products, nobody, replaced, facts->kind), pair->from,
                 name, facts, id);
}

/* Where the copy cannot be bound (on another volume, outside of the root) files are copied each time. */
static enum err copy_unbound(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts)
{
    char bound[BOUND_NAME_LEN + 1];
    struct spot spot = {tree->store->state.bound, bound, pair->to, name, pair->folder->copy, NULL};

    bound_name(facts->bound_id, bound);
    return facts->kind == KIND_FILE ? copy_one_file(tree, &spot, facts->bound_id) : ERR_UNSUPPORTED;
}

enum err copy_binding(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts)
{
    const struct place *to = &tree->copying->carriage->to.place;
    struct products *products = &tree->copying->products;
    unsigned char replaced[ID_LEN];
    char bound[BOUND_NAME_LEN + 1];
    bool is_update;
    struct product *product;
    enum err err;

    if (to->is_outside || to->dev != tree->store->root_dev)
        return copy_unbound(tree, pair, name, facts);
    err = find_replaced(tree, pair, name, facts->kind, replaced);
    if (err != ERR_NONE && err != ERR_MISSING)
        return err;
    is_update = err == ERR_NONE;
    product = product_find(products, facts->bound_id, is_update ? replaced : NULL);
    if (product)
        return product->is_broken ? ERR_DENIED : place_name(tree, pair, name, product->id);
    product = product_add(products, facts->bound_id, is_update ? replaced : NULL, facts->kind);
    bound_name(facts->bound_id, bound);
    return build(tree, pair, name, product, tree->store->state.bound, bound, facts, facts->bound_id);
}
