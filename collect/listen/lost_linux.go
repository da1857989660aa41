package listen

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// lostDatagrams is how many datagrams the kernel dropped because the queue of a
// socket was full: the last column of proc_net_udp.
func lostDatagrams(conn *net.UDPConn) int64 {
	if conn == nil {
		return 0
	}
	f, err := os.Open("/proc/self/net/udp")
	if err != nil {
		return 0
	}
	defer f.Close()
	port := fmt.Sprintf(":%04X", conn.LocalAddr().(*net.UDPAddr).Port)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		columns := strings.Fields(lines.Text())
		if len(columns) > 12 && strings.HasSuffix(columns[1], port) {
			lost, _ := strconv.ParseInt(columns[len(columns)-1], 10, 64)
			return lost
		}
	}
	return 0
}
