package asterisk

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Labs of different processes share the machine's ports by slots: a locked file per slot, which the kernel unlocks
// when its process is gone, however it went. The blocks end where Linux's own ephemeral ports begin (32768), so
// nobody who asks for "any free port" is given one of them.
const (
	slots     = 16
	slotFirst = 16500
	slotPorts = 1000
	slotRTP   = 100 // offset of the slot's RTP ports
)

type ports struct{ SIP, HTTP, HTTPS, AMI, RTPFirst, RTPLast int }

// takePorts waits for a free slot. The caller closes the file to give it back.
func takePorts(patience time.Duration) (ports, *os.File, error) {
	dir := filepath.Join(os.TempDir(), "ivrd-lab-slots")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return ports{}, nil, err
	}
	deadline := time.Now().Add(patience)
	for tick := time.NewTicker(100 * time.Millisecond); ; <-tick.C {
		for n := range slots {
			if p, f := takeSlot(dir, n); f != nil {
				tick.Stop()
				return p, f, nil
			}
		}
		if time.Now().After(deadline) {
			tick.Stop()
			return ports{}, nil, fmt.Errorf("all %d port slots in %s are taken, by other labs or other programs", slots, dir)
		}
	}
}

func takeSlot(dir string, n int) (ports, *os.File) {
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprint(n)), os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		return ports{}, nil
	}
	base := slotFirst + n*slotPorts
	p := ports{SIP: base, HTTP: base + 1, AMI: base + 2, HTTPS: base + 3, RTPFirst: base + slotRTP, RTPLast: base + slotPorts - 1}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil || !p.free() {
		f.Close()
		return ports{}, nil
	}
	return p, f
}

func (p ports) free() bool {
	udp, err := net.ListenPacket("udp4", loopback(p.SIP))
	if err != nil {
		return false
	}
	defer udp.Close()
	for _, port := range []int{p.HTTP, p.HTTPS, p.AMI} {
		tcp, err := net.Listen("tcp4", loopback(port))
		if err != nil {
			return false
		}
		tcp.Close()
	}
	return true
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
