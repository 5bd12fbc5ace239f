/*
 * demo_rows.c - what `samovar demo` shows: a line of the shell for each of the 22 codes, and what lies in its folder
 * for them. Every line is complete in itself and comes out the same whenever it is typed.
 */
#include "demo.h"

#include <stddef.h>

#define QUIET "curl -s -o /dev/null "
#define XML "-H 'Content-Type: application/xml' "
#define LOCKINFO                                                                                                       \
    "'<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'"
#define BIND_LOOP                                                                                                      \
    QUIET "-X BIND " XML "-d '<bind xmlns=\"DAV:\"><segment>itself</segment><href>/loop/</href></bind>' @/loop/; "
/* "url" is where it is; "tag" gets its tag. */
#define TAG "tag=$(curl -sI \"$url\" | tr -d '\\r' | sed -n 's/^ETag: //p'); "
#define FRESH "$(date +%s%N)"

/* "@" is the address. */
const struct demo_row demo_rows[DEMO_ROWS] = {
    {102, "(n=" FRESH "; curl -si -X COPY -H \"Destination: /copies/$n/\" @/large/; " QUIET "-X DELETE @/copies/$n/)"},
    {206, "curl -si -r 0-15 @/letter.txt"},
    {207, "curl -si -X PROPFIND -H 'Depth: 1' @/folder/"},
    {208, BIND_LOOP "curl -si -X PROPFIND -H 'Depth: infinity' -H 'DAV: bind' @/loop/"},
    {226, "(url=@/kept/" FRESH ".txt; seq 400 | " QUIET "-T - \"$url\"; " TAG "(seq 400; echo more) | " QUIET
          "-T - \"$url\"; "
          "curl -si -H 'A-IM: diffe' -H \"If-None-Match: $tag\" \"$url\")"},
    {304, "(url=@/letter.txt; " TAG "curl -si -H \"If-None-Match: $tag\" \"$url\")"},
    {308, "curl -si @/folder"},
    {412, "echo new | curl -si -T - -H 'If-Match: \"an earlier one\"' @/letter.txt"},
    {416, "curl -si -r 1000000- @/letter.txt"},
    {418, "curl -si -X BREW -H 'Content-Type: message/coffeepot' -d start @/pots/teapot"},
    {422, "curl -si -X PROPFIND " XML "-d '<lockinfo xmlns=\"DAV:\"/>' @/letter.txt"},
    {423, "(url=@/locked/" FRESH "; " QUIET "-X LOCK " XML "-H 'Timeout: Second-20' -d " LOCKINFO
          " \"$url\"; echo new | curl -si -T - \"$url\")"},
    {424,
     "curl -si -X PROPPATCH " XML "-d '<propertyupdate xmlns=\"DAV:\"><set><prop><colour xmlns=\"urn:example\">green"
     "</colour><getcontentlength>7</getcontentlength></prop></set></propertyupdate>' @/letter.txt"},
    {428, "echo new | curl -si -T - @/guarded/contract.txt"},
    {429, QUIET "@/few/'[1-8]' --next -si @/few/9"}, /* one program: its start takes longer than a request */
    {431, "curl -si -H \"Cookie: $(printf %030000d 0)\" @/letter.txt"},
    {451, "curl -si @/library/banned.txt"},
    {506, "curl -si -H 'Accept-Language: it' @/negotiated/paper"},
    {507, "head -c 40000 /dev/zero | curl -si -T - @/small/large.bin"},
    {508, BIND_LOOP "curl -si -X PROPFIND -H 'Depth: infinity' @/loop/"},
    {510, "curl -si @/extended/"},
    {511, "curl -si -H 'Host: guests.localhost' @/"},
};

const struct demo_file demo_files[] = {
    {"site/letter.txt", "Dear reader,\n\nthis letter is here to be read in parts.\n"},
    {"site/folder/one.txt", "one\n"},
    {"site/folder/two.txt", "two\n"},
    {"site/loop/file.txt", "a file in a folder that is in itself\n"},
    {"site/kept/about.txt", "Earlier contents of what is in this folder are kept.\n"},
    {"site/locked/about.txt", "Somebody works at what is here.\n"},
    {"site/guarded/contract.txt", "the parties agree\n"},
    {"site/few/about.txt", "Two requests a second are served here.\n"},
    {"site/library/banned.txt", "what nobody may read\n"},
    {"site/library/free.txt", "what everybody may\n"},
    {"site/negotiated/paper.en", "a paper\n"},
    {"site/negotiated/paper.var", "URI: paper.en\nContent-Type: text/plain\nContent-Language: en\n\n"
                                  "URI: meta\nContent-Type: text/plain\nContent-Language: it\n"},
    {"site/negotiated/meta.var", "URI: paper.en\nContent-Type: text/plain\nContent-Language: en\n"},
    {"site/small/about.txt", "There is room for 20 KB here.\n"},
    {"site/extended/about.txt", "Who wants this says why.\n"},
    {"site/copies/about.txt", "Copies of the large folder come here.\n"},
    {"site/witness/about.txt",
     "A file named 102, 308 or 511 that is put here is answered with what went over the wire.\n"},
    /* Where to look, for `samovar survey`; whether it is right it finds out itself. */
    {"site/.well-known/http-codes",
     "{\"codes\": [\n"
     "  {\"code\": 102, \"path\": \"/large/\"},\n"
     "  {\"code\": 308, \"path\": \"/folder\"},\n"
     "  {\"code\": 418, \"path\": \"/pots/teapot\"},\n"
     "  {\"code\": 428, \"path\": \"/guarded/\"},\n"
     "  {\"code\": 429, \"path\": \"/few/1\"},\n"
     "  {\"code\": 451, \"path\": \"/library/banned.txt\"},\n"
     "  {\"code\": 506, \"path\": \"/negotiated/paper\", \"fields\": {\"Accept-Language\": \"it\"}},\n"
     "  {\"code\": 507, \"path\": \"/small/\"},\n"
     "  {\"code\": 511, \"path\": \"/\", \"fields\": {\"Host\": \"guests.localhost\"}}\n"
     "]}\n"},
    {"register.conf", "demand \"example\" {\n    paths = { \"/library/banned.txt\" }\n"
                      "    authority = \"District Court of Exampleton\"\n"
                      "    reference = \"an order that was made up for this demonstration\"\n"
                      "    blocked-by = \"https://court.example/\"\n}\n"},
    {NULL, NULL},
};

/* Two addresses are filled in: that to listen on, and the port once more. */
const char demo_config[] = "listen = { \"%s\" }\n"
                           "limits { processing = 1ms }\n"
                           "portal {\n"
                           "    name = \"portal.localhost:%s\"\n"
                           "    login = { terms }\n"
                           "    intercept-hosts = { \"guests.localhost\" }\n"
                           "    firewall = none\n"
                           "}\n"
                           "site \"demo\" {\n"
                           "    root = \"site\"\n"
                           "    allow \"*\" { rights = { \"read\", \"write\", \"brew\" } }\n"
                           "    demands = \"register.conf\"\n"
                           "    extensions = on\n"
                           "    limit \"few\" { rate = 2/s burst = 2 paths = { \"/few\" } }\n"
                           "    at \"/kept\" { history = 5 }\n"
                           "    at \"/guarded\" { require-match = on }\n"
                           "    at \"/small\" { quota = 20K }\n"
                           "    at \"/negotiated\" { negotiate = on }\n"
                           "    at \"/extended\" { require-extension = \"reason\" }\n"
                           "    pot \"teapot\" { brews = tea heating = 0s tea \"earl-grey\" { steeping = 4m } }\n"
                           "    pot \"machine\" { brews = coffee additions = { Cream, Sugar } }\n"
                           "}\n";
