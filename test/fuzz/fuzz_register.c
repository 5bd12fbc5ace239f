/*
 * fuzz_register.c - the register of legal demands.
 *
 * Property: a text gives demands that hold where they say, or one line that says why not. What is named is closed with
 * all below it, and so is what a pattern without stars is; a folder above what is named knows that members differ.
 */
#include "fuzz.h"

#include <assert.h>

#include "base/glob.h"

#include "../../src/conf/demand_index.h"
#include "../../src/conf/table.h"

static void check_path(const struct site *site, struct slice path, struct slice country)
{
    struct arena arena = {0};
    struct slice below = arena_printf(&arena, "%.*s%sx", SLICE_FMT(path), path.len ? "/" : "");
    struct asker asker = {.is_loopback = true, .country = country};

    assert(conf_demand(site, path, country));
    assert(conf_demand(site, below, country));
    assert(conf_sight(site, path, &asker) == 0);
    for (struct slice above = path; above.len;) {
        above = rpath_parent((struct rpath){.text = above}).text;
        assert(conf_differs_below(site, above));
    }
    arena_release(&arena);
}

static void check(const struct site *site)
{
    for (unsigned i = 0; i < site->demand_count; i++) {
        const struct demand *demand = &site->demands[i];

        assert(demand->path_count && demand->name.len);
        for (unsigned j = 0; j < demand->path_count; j++) {
            assert(glob_is_valid(demand->paths[j]));
            if (!glob_is_pattern(demand->paths[j]))
                check_path(site, demand->paths[j], demand->country_count ? demand->countries[0] : SLICE_NONE);
        }
        for (unsigned j = 0; j < demand->country_count; j++)
            assert(demand->countries[j].len == 2);
        for (unsigned j = 0; j < demand->text_count; j++)
            assert(demand->texts[j].language.len && demand->texts[j].text.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf why = BUF_INIT(4096);
    struct conf *conf;
    struct build build = {.why = &why, .folder = "/d", .file = "r"};
    enum err err =
        conf_from_text(SLICE("country-database = \"/c\"\nsite \"s\" { root = \"/r\" }"), "f", "/d", &conf, &why);

    assert(!err);
    build.conf = conf;
    err = demands_read(&build, &conf->sites[0], slice_of((const char *)data, len));
    assert((err == ERR_NONE) == (why.len == 0));
    assert(!err || (slice_starts(buf_slice(&why), SLICE("r:")) && !memchr(why.ptr, '\n', why.len)));
    if (!err)
        check(&conf->sites[0]);
    buf_release(&why);
    conf_unref(conf);
    return 0;
}
