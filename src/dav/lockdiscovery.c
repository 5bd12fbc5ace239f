/*
 * lockdiscovery.c - locks as clients see them (RFC 4918 §15.8, §14.1).
 */
#include "live.h"

void activelock_add(struct xml_out *xml, const struct write_lock *lock, struct slice user, bool hides_lockroot)
{
    struct buf *out = xml->out;

    buf_add(out, SLICE("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>"));
    buf_add(out, lock->is_exclusive ? SLICE("<D:exclusive/>") : SLICE("<D:shared/>"));
    buf_add(out, SLICE("</D:lockscope><D:depth>"));
    buf_add(out, lock->is_deep ? SLICE("infinity") : SLICE("0"));
    buf_add(out, SLICE("</D:depth>"));
    if (lock->owner.len)
        xml_add(xml, lock->owner);
    buf_add(out, SLICE("<D:timeout>Second-"));
    buf_add_u64(out, lock->left_s);
    buf_add(out, SLICE("</D:timeout>"));
    if (slice_eq(lock->user, user)) { /* whoever else knew it could try to pass for the owner (RFC 4918 §20.4) */
        buf_add(out, SLICE("<D:locktoken><D:href>"));
        xml_text(xml, lock->token);
        buf_add(out, SLICE("</D:href></D:locktoken>"));
    }
    if (!hides_lockroot) {
        buf_add(out, SLICE("<D:lockroot>"));
        dav_href(xml, lock->root.text, lock->root.has_slash);
        buf_add(out, SLICE("</D:lockroot>"));
    }
    buf_add(out, SLICE("</D:activelock>"));
}

void dav_lockdiscovery(struct xml_out *xml, const struct write_lock *locks, unsigned count, struct slice user,
                       bool hides_lockroot)
{
    if (!count) {
        buf_add(xml->out, SLICE("<D:lockdiscovery/>"));
        return;
    }
    buf_add(xml->out, SLICE("<D:lockdiscovery>"));
    for (unsigned i = 0; i < count; i++)
        activelock_add(xml, &locks[i], user, hides_lockroot);
    buf_add(xml->out, SLICE("</D:lockdiscovery>"));
}
