/*
 * test_example.c - the example configuration is right, and shows every directive with its true default.
 */
#include "kit.h"

#include <stdlib.h>

#include "../../../src/conf/table.h"

static char *example_read(void)
{
    FILE *in = fopen(EXAMPLE, "r");
    char *text = calloc(1, 65536);

    CHECK(in != NULL);
    CHECK(fread(text, 1, 65535, in) > 0);
    fclose(in);
    return text;
}

TEST(example__is_right)
{
    char *text = example_read();
    struct conf *conf = kit_text(text);

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->site_count, 2);
    CHECK_INT(
        conf_rights(&conf->sites[0], SLICE("inbox/a"), &(struct asker){.user = SLICE("bob"), .is_loopback = true}),
        RIGHT_LIST | RIGHT_CREATE);
    CHECK_INT(
        conf_rights(&conf->sites[0], SLICE("private"), &(struct asker){.user = SLICE("bob"), .is_loopback = true}), 0);
    conf_unref(conf);
    free(text);
}

TEST(example__names_every_directive_of_the_file)
{
    static const char *const behind[] = {" = ", " {", " \""};
    char *text = example_read(), form[100];

    for (unsigned i = 0; i < directive_count; i++) {
        bool is_there = directives[i].scopes & SCOPE_LINE;

        for (unsigned k = 0; k < 3 && !is_there; k++) {
            snprintf(form, sizeof(form), " %s%s", directives[i].name, behind[k]); /* also commented out */
            is_there = strstr(text, form) || strstr(text, (form[0] = '\n', form));
        }
        if (!is_there)
            CHECK_STR("not in the example", directives[i].name);
    }
    free(text);
}

/* A block that is commented out shows no defaults: its lines are further in. */
TEST(example__what_is_commented_out_is_the_default)
{
    char *text = example_read(), *save;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char name[64], value[64];

        if (sscanf(line, " #%*1[ ]%63[a-z0-9-] = %63s", name, value) != 2 || strchr("\"{", value[0]))
            continue;
        for (unsigned i = 0; i < directive_count; i++)
            if (strcmp(directives[i].name, name) == 0)
                CHECK_STR(value, directives[i].fallback);
    }
    free(text);
}
