package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestDestinations(t *testing.T) {
	for _, tt := range []struct {
		allow, host, ip string
		want            bool
	}{
		{"", "a.example", "93.184.216.34", true},
		{"", "a.example", "2606:2800::1", true},
		{"", "a.example", "10.0.0.5", false},
		{"", "a.example", "192.168.1.1", false},
		{"", "a.example", "127.0.0.1", false},
		{"", "localhost", "127.0.0.1", false},
		{"", "a.example", "169.254.169.254", false},
		{"", "a.example", "0.0.0.0", false},
		{"", "a.example", "100.64.0.1", false},
		{"", "a.example", "224.0.0.1", false},
		{"", "a.example", "255.255.255.255", false},
		{"", "a.example", "::1", false},
		{"", "a.example", "fe80::1", false},
		{"", "a.example", "fd00::1", false},
		{"", "a.example", "::ffff:127.0.0.1", false},
		{"", "a.example", "::ffff:169.254.169.254", false},
		{"", "a.example", "64:ff9b::a9fe:a9fe", false}, // 169.254.169.254 through NAT64
		{"", "a.example", "64:ff9b::5db8:d822", true},
		{"", "a.example", "2002:7f00:1::", false}, // 127.0.0.1 through 6to4
		{"", "a.example", "::7f00:1", false},
		{"", "a.example", "2001:0:1::1", false}, // Teredo
		{"core.example", "core.example", "93.184.216.34", true},
		{"core.example", "core.example", "10.0.0.5", true},
		{"core.example", "core.example", "fd00::5", true},
		{"core.example", "core.example", "127.0.0.1", false},
		{"core.example", "core.example", "169.254.169.254", false},
		{"core.example", "other.example", "93.184.216.34", false},
		{"Core.Example.", "core.example", "10.0.0.5", true},
		{"*.example.com", "a.example.com", "10.0.0.5", true},
		{"*.example.com", "example.com", "93.184.216.34", false},
		{"*.example.com", "badexample.com", "93.184.216.34", false},
		{"10.1.0.0/16", "any.example", "10.1.2.3", true},
		{"10.1.0.0/16", "any.example", "10.2.0.1", false},
		{"0.0.0.0/0", "any.example", "93.184.216.34", true},
		{"0.0.0.0/0", "any.example", "10.2.0.1", true},
		{"0.0.0.0/0", "any.example", "127.0.0.1", false},
		{"0.0.0.0/0", "any.example", "169.254.169.254", false},
		{"fc00::/7", "any.example", "fd00:ec2::254", false},
		{"169.254.169.254", "any.example", "169.254.169.254", true},
		{"127.0.0.1", "any.example", "127.0.0.1", true},
		{"127.0.0.1", "any.example", "127.0.0.2", false},
		{"localhost", "localhost", "127.0.0.1", true},
		{"localhost", "a.example", "127.0.0.1", false},
		{"none", "a.example", "93.184.216.34", false},
	} {
		t.Run(tt.allow+" "+tt.host+" "+tt.ip, func(t *testing.T) {
			d, err := ParseDestinations(strings.Fields(tt.allow))
			if err != nil {
				t.Fatal(err)
			}
			err = d.checkAddr(tt.host, netip.MustParseAddr(tt.ip))
			if err == nil {
				err = d.check(tt.host, false)
			}
			if got := err == nil; got != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWrongDestinations(t *testing.T) {
	for _, entry := range []string{"", "*", "*.", "http://a.example", "a.example:80", "a b", "10.0.0.0/40", "*example.com"} {
		if _, err := ParseDestinations([]string{entry}); err == nil {
			t.Errorf("%q was taken", entry)
		}
	}
}

// nameServer answers for names as answer says: one address for each time it is asked.
func nameServer(t *testing.T, answer func(name string) [4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		buf := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: answer(q.Name.String())},
				}}
			}
			out, err := m.Pack()
			if err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-served })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// A name is judged by the address that is dialed, whatever it led to before.
func TestNamesThatLeadElsewhere(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	addresses := make(chan [4]byte, 1)
	resolver := nameServer(t, func(string) [4]byte { return <-addresses })
	c, err := New(Config{Resolver: resolver, Allow: []string{"public", "core.example", "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func(address [4]byte, name string) error {
		addresses <- address
		_, err := get(t, c, "http://"+name+":"+port+"/")
		c.Close() // so that it is dialed anew
		return err
	}
	for _, tt := range []struct {
		address [4]byte
		name    string
		want    Reason
	}{
		{[4]byte{127, 0, 0, 1}, "core.example", ""},
		{[4]byte{169, 254, 169, 254}, "core.example", Forbidden}, // the same name, led elsewhere
		{[4]byte{127, 0, 0, 2}, "core.example", Forbidden},
		{[4]byte{10, 0, 0, 1}, "rebound.example", Forbidden},
		{[4]byte{192, 168, 0, 1}, "rebound.example", Forbidden},
		{[4]byte{0, 0, 0, 0}, "rebound.example", Forbidden},
		{[4]byte{127, 0, 0, 1}, "core.example", ""},
	} {
		if err := ask(tt.address, tt.name); reason(err) != tt.want {
			t.Errorf("%s at %v: got %v, want %q", tt.name, tt.address, err, tt.want)
		}
	}
}

func TestLiteralAddresses(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1:1", "[::1]:1", "169.254.169.254", "[::ffff:169.254.169.254]", "10.0.0.1", "localhost:1", "0.0.0.0:1",
		"0x7f000001:1", "2130706433:1", "127.1:1"} {
		if _, err := get(t, c, "http://"+host+"/latest/meta-data"); reason(err) != Forbidden && reason(err) != Unknown {
			t.Errorf("%s: got %v", host, err)
		}
	}
}
