/*
 * probe.c - the table of probe addresses.
 *
 * RFC 6585 §6 hopes that who is told 511 knows what to do, and most programs that look for a portal know more of
 * redirects: Android takes 200 to 399 for a portal and all else for a network that is broken, Windows opens a browser
 * at the address that it asked for, which has to lead somewhere. So these few addresses are redirected; all other
 * requests get 511. What is not here (and works): whatever asks by RFC 8908, and whoever understands 511, as
 * Chromium's own check does.
 */
#include "probe.h"

struct probe {
    const char *host, *path;
};

static const struct probe probes[] = {
    /* Android 5 to 16, Chromium and ChromeOS: NetworkMonitor.java, captive_portal_detector.cc; 204 is free */
    {"connectivitycheck.gstatic.com", "/generate_204"},
    {"connectivitycheck.android.com", "/generate_204"},
    {"www.gstatic.com", "/generate_204"},
    {"clients1.google.com", "/generate_204"},
    {"clients2.google.com", "/generate_204"},
    {"clients3.google.com", "/generate_204"},
    {"clients4.google.com", "/generate_204"},
    {"www.google.com", "/gen_204"}, /* Android's fallbacks */
    {"www.google.com", "/generate_204"},
    {"play.googleapis.com", "/generate_204"},
    {"www.googleapis.cn", "/generate_204"},                      /* the same where Google's names are not reached */
    {"connectivitycheck.platform.hicloud.com", "/generate_204"}, /* Huawei */
    {"connect.rom.miui.com", "/generate_204"},                   /* Xiaomi */
    {"conn1.oppomobile.com", "/generate_204"},
    {"conn2.oppomobile.com", "/generate_204"},
    {"wifi.vivo.com.cn", "/generate_204"},
    {"connectivitycheck.grapheneos.network", "/generate_204"},
    /* iOS 7 to 18, macOS 10.10 and later, tvOS: a page that is not "Success" is shown in a window of its own */
    {"captive.apple.com", "/hotspot-detect.html"},
    {"captive.apple.com", "/"},
    {"www.apple.com", "/library/test/success.html"}, /* iOS 6 and before, and now and then since */
    {"gsp1.apple.com", "/pep/gcc"},                  /* location services, which ask in clear text */
    {"www.appleiphonecell.com", "/"},
    {"www.itools.info", "/"},
    {"www.ibook.info", "/"},
    {"www.airport.us", "/"},
    {"www.thinkdifferent.us", "/"},
    /* Windows 10 and 11: NCSI's ActiveWebProbe, and what the browser is then opened at */
    {"www.msftconnecttest.com", "/connecttest.txt"},
    {"www.msftconnecttest.com", "/redirect"},
    {"ipv6.msftconnecttest.com", "/connecttest.txt"},
    {"www.msftncsi.com", "/ncsi.txt"}, /* Windows Vista to 8.1 */
    {"ipv6.msftncsi.com", "/ncsi.txt"},
    {"edge-http.microsoft.com", "/captiveportal/generate_204"}, /* Edge */
    /* Firefox: captivedetect.canonicalURL, and network.connectivity-service.IPv4.url, IPv6.url */
    {"detectportal.firefox.com", "/canonical.html"},
    {"detectportal.firefox.com", "/success.txt"},
    /*
     * NetworkManager takes any answer but the one that it knows for a portal, and desktops then open a browser at the
     * same address: a redirect spares their users a click. Hosts as the distributions set [connectivity] uri=.
     */
    {"nmcheck.gnome.org", "/check_network_status.txt"},
    {"nmcheck.gnome.org", "/"},
    {"network-test.debian.org", "/nm"},
    {"connectivity-check.ubuntu.com", "/"},
    {"fedoraproject.org", "/static/hotspot.txt"},
    {"static.redhat.com", "/test/rhel-networkmanager.txt"},
    {"conncheck.opensuse.org", "/"},
    {"ping.archlinux.org", "/nm-check.txt"},
    {"ping.manjaro.org", "/check_network_status.txt"},
    {"capnet.elementary.io", "/"},
    {"networkcheck.kde.org", "/"}, /* KDE, where NetworkManager has no address */
    {"internetlifeguard.network", "/"},
    /* Kindle, Fire tablets and Fire TV */
    {"spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html"},
    {"spectrum.s3.amazonaws.com", "/kindle-wifi/wifiredirect.html"},
    {"fireoscaptiveportal.com", "/generate_204"},
    {"firetvcaptiveportal.com", "/generate_204"},
    /* Game consoles: a redirect opens their own window */
    {"conntest.nintendowifi.net", "/"},
    {"ctest.cdn.nintendo.net", "/"},
};

enum { PROBES = sizeof(probes) / sizeof(probes[0]) };

bool probe_wants_redirect(struct slice host, struct slice path)
{
    for (unsigned i = 0; i < PROBES; i++)
        if (slice_eq(host, slice_str(probes[i].host)) && slice_eq(path, slice_str(probes[i].path)))
            return true;
    return false;
}

const char *probe_at(unsigned i, const char **path)
{
    if (i >= PROBES)
        return NULL;
    *path = probes[i].path;
    return probes[i].host;
}
