package web

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Public is the entry of an allow list that stands for every address of the internet.
const Public = "public"

// None is an entry that stands for nothing, where an empty list would mean Public.
const None = "none"

// Destinations are where requests may go. An entry is
//
//	public           every public address
//	core.example     that host, wherever in public or private networks it is
//	*.example.com    every host below example.com, in the same way
//	10.1.0.0/16      addresses, whatever their host is called
//
// Loopback addresses are reached by an entry with the address itself, a part of 127.0.0.0/8, or localhost.
// Link-local addresses, among which are the metadata services of clouds, and others that no service has are
// reached by an entry that names a part of their own network only: 0.0.0.0/0 does not open them.
type Destinations struct {
	public   bool
	hosts    []string // exact, in lower case
	domains  []string // with the dot in front
	networks []netip.Prefix
}

// ParseDestinations reads an allow list. An empty one is public.
func ParseDestinations(list []string) (Destinations, error) {
	d := Destinations{public: len(list) == 0}
	for _, entry := range list {
		if err := d.add(strings.ToLower(strings.TrimSuffix(entry, "."))); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (d *Destinations) add(entry string) error {
	domain, below := strings.CutPrefix(entry, "*")
	prefix, notPrefix := netip.ParsePrefix(entry)
	ip, notIP := netip.ParseAddr(strings.Trim(entry, "[]"))
	switch {
	case entry == None:
	case entry == Public:
		d.public = true
	case notPrefix == nil:
		d.networks = append(d.networks, prefix.Masked())
	case notIP == nil:
		d.networks = append(d.networks, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
	case strings.ContainsAny(domain, "*/:@ ") || domain == "" || below && !strings.HasPrefix(domain, "."):
		return fmt.Errorf(`%q is no destination; write public, core.example, *.example.com or 10.1.0.0/16`, entry)
	case below:
		d.domains = append(d.domains, domain)
	default:
		d.hosts = append(d.hosts, entry)
	}
	return nil
}

// with is d and the host of a service.
func (d Destinations) with(base *url.URL) Destinations {
	d.hosts, d.networks = slices.Clone(d.hosts), slices.Clone(d.networks)
	_ = d.add(hostOf(base))
	return d
}

// hostOf is the host of an address as Destinations compare it.
func hostOf(u *url.URL) string { return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) }

// named reports whether an entry names the host.
func (d *Destinations) named(host string) bool {
	return slices.Contains(d.hosts, host) ||
		slices.ContainsFunc(d.domains, func(domain string) bool { return strings.HasSuffix(host, domain) })
}

// check refuses a host before it is looked up. A name that is not listed may still have a listed address, unless
// a proxy looks it up.
func (d *Destinations) check(host string, proxied bool) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		return d.checkAddr(host, ip)
	}
	if d.named(host) || d.public || len(d.networks) > 0 && !proxied {
		return nil
	}
	return forbidden(host)
}

func forbidden(host string) error {
	return failure(Forbidden, "%s is not in requests.allow of ivrd.yaml", host)
}

// checkAddr judges the address that is about to be dialed for a host.
func (d *Destinations) checkAddr(host string, ip netip.Addr) error {
	ip = plain(ip)
	kind := kindOf(ip)
	allowed := slices.ContainsFunc(d.networks, func(p netip.Prefix) bool {
		return p.Contains(ip) && (kind.own == (netip.Prefix{}) || kind.own.Bits() <= p.Bits() && kind.own.Overlaps(p))
	})
	switch {
	case allowed:
	case kind.name == "": // public
		allowed = d.public || d.named(host)
	case kind.private:
		allowed = d.named(host)
	case ip.IsLoopback():
		allowed = host == "localhost" && d.named(host)
	}
	if allowed {
		return nil
	}
	if kind.name == "" {
		return forbidden(host)
	}
	what := fmt.Sprintf("%s is at %s, which is %s", host, ip, kind.name)
	if host == ip.String() {
		what = fmt.Sprintf("%s is %s", host, kind.name)
	}
	return failure(Forbidden, "%s, and not in requests.allow of ivrd.yaml", what)
}

// A network is a range of addresses that are not public.
type network struct {
	own     netip.Prefix
	name    string
	private bool // where an internal host may be
}

// networks are those that requests must not reach by surprise (IANA's special-purpose registries), the narrower first.
// Those with own are opened by an entry within them only.
var networks = func() []network {
	var out []network
	for _, n := range []struct {
		prefix, name string
		private      bool
	}{
		{"10.0.0.0/8", "a private address", true}, {"172.16.0.0/12", "a private address", true},
		{"192.168.0.0/16", "a private address", true}, {"fd00:ec2::/32", "a metadata address", false},
		{"fc00::/7", "a private address", true}, {"100.100.100.200/32", "a metadata address", false},
		{"100.64.0.0/10", "a private address", true}, {"127.0.0.0/8", "a loopback address", false},
		{"::1/128", "a loopback address", false}, {"169.254.0.0/16", "a link-local address", false},
		{"fe80::/10", "a link-local address", false}, {"192.0.0.0/24", "a reserved address", false},
		{"0.0.0.0/8", "a reserved address", false}, {"192.0.2.0/24", "a reserved address", false},
		{"198.18.0.0/15", "a reserved address", false}, {"198.51.100.0/24", "a reserved address", false},
		{"203.0.113.0/24", "a reserved address", false}, {"224.0.0.0/4", "a multicast address", false},
		{"240.0.0.0/4", "a reserved address", false}, {"::/128", "a reserved address", false},
		{"fec0::/10", "a reserved address", false}, {"ff00::/8", "a multicast address", false},
		{"2001:db8::/32", "a reserved address", false}, {"2001::/23", "a reserved address", false},
	} {
		one := network{own: netip.MustParsePrefix(n.prefix), name: n.name, private: n.private}
		out = append(out, one)
	}
	return out
}()

// kindOf is the network that ip belongs to; the zero network is the public one.
func kindOf(ip netip.Addr) network {
	for _, n := range networks {
		if n.own.Contains(ip) {
			if n.private { // a wider entry opens it too
				n.own = netip.Prefix{}
			}
			return n
		}
	}
	return network{}
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

// plain is the address that packets to ip end up at: some of IPv6 stand for one of IPv4.
func plain(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	b := ip.As16()
	switch {
	case nat64.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixTo4.Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case ip.Is6() && [12]byte(b[:12]) == [12]byte{} && ip != netip.IPv6Loopback() && ip != netip.IPv6Unspecified():
		return netip.AddrFrom4([4]byte(b[12:16]))
	}
	return ip
}

// addrOf is the address of a dialed connection.
func addrOf(address string) (netip.Addr, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return netip.Addr{}, err
	}
	return netip.ParseAddr(host)
}
