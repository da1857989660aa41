package probe

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/shirou/gopsutil/v3/cpu"
	hostinfo "github.com/shirou/gopsutil/v3/host"
	"github.com/shirou/gopsutil/v3/mem"

	"github.com/plumbline-ci/plumbline/collect"
)

// Fingerprint describes the machine, so that like is compared with like. getenv
// gives the variables of GitHub's runners. Which cloud the machine stands in is
// read from files, never asked of the network.
func Fingerprint(getenv func(string) string) collect.Runner {
	r := collect.Runner{
		OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(),
		Image: getenv("ImageOS"), ImageVersion: getenv("ImageVersion"), Environment: getenv("RUNNER_ENVIRONMENT"),
	}
	if info, err := cpu.Info(); err == nil && len(info) > 0 {
		r.CPUModel = info[0].ModelName
	}
	if m, err := mem.VirtualMemory(); err == nil {
		r.MemoryMB = int((m.Total + mega/2) / mega)
	}
	if v, err := hostinfo.KernelVersion(); err == nil {
		r.Kernel = v
	}
	if runtime.GOOS == "linux" {
		r.Cloud, r.Region = cloudOf(os.DirFS("/"))
	}
	r.Fingerprint = fingerprintOf(r)
	return r
}

// fingerprintOf is the beginning of a hash of all that is known.
func fingerprintOf(r collect.Runner) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []string{
		r.OS, r.Arch, r.CPUModel, fmt.Sprint(r.Cores), r.Image, r.ImageVersion, fmt.Sprint(r.MemoryMB),
		r.Kernel, r.Environment, r.Cloud, r.Region,
	}))
	return hex.EncodeToString(sum[:6])
}

// cloudOf reads which cloud a Linux machine stands in: of cloud-init, or else of
// what the hypervisor tells the firmware. Neither may be there.
func cloudOf(root fs.FS) (cloud, region string) {
	var data struct {
		V1 struct {
			Cloud    string `json:"cloud_name"`
			Older    string `json:"cloud-name"`
			Platform string `json:"platform"`
			Region   string `json:"region"`
		} `json:"v1"`
	}
	if text, err := fs.ReadFile(root, "run/cloud-init/instance-data.json"); err == nil && json.Unmarshal(text, &data) == nil {
		cloud, region = strings.ToLower(cmp.Or(data.V1.Cloud, data.V1.Older)), data.V1.Region
	}
	if cloud == "gce" {
		cloud = "gcp"
	}
	if cloud != "" && cloud != "unknown" && cloud != "none" {
		return cloud, region
	}
	return firmwareCloud(root), region
}

// azureTag is the chassis of every machine of Azure; its vendor makes others too.
const azureTag = "7783-7084-3265-9085-8269-3286-77"

func firmwareCloud(root fs.FS) string {
	read := func(name string) string {
		text, err := fs.ReadFile(root, "sys/class/dmi/id/"+name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(text))
	}
	switch vendor := read("sys_vendor"); {
	case vendor == "Amazon EC2":
		return "aws"
	case strings.HasPrefix(read("product_name"), "Google Compute Engine"):
		return "gcp"
	case vendor == "Microsoft Corporation" && read("chassis_asset_tag") == azureTag:
		return "azure"
	}
	return ""
}
