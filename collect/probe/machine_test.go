package probe

import (
	"runtime"
	"testing"
	"testing/fstest"
)

func TestFingerprint(t *testing.T) {
	env := map[string]string{"ImageOS": "ubuntu24", "ImageVersion": "20261115.1", "RUNNER_ENVIRONMENT": "self-hosted"}
	r := Fingerprint(func(name string) string { return env[name] })
	if r.OS != runtime.GOOS || r.Cores < 1 || r.Image != "ubuntu24" || r.ImageVersion != "20261115.1" || r.Environment != "self-hosted" {
		t.Errorf("Fingerprint = %+v", r)
	}
	if r.MemoryMB < 100 || r.Kernel == "" {
		t.Errorf("memory is %d MB and the kernel %q, want both", r.MemoryMB, r.Kernel)
	}
	if again := Fingerprint(func(name string) string { return env[name] }); again != r || len(r.Fingerprint) != 12 {
		t.Errorf("Fingerprint = %+v and then %+v, want the same, with 12 digits", r, again)
	}
	env["ImageVersion"] = "20261122.1"
	if next := Fingerprint(func(name string) string { return env[name] }); next.Fingerprint == r.Fingerprint {
		t.Errorf("another image has the same fingerprint %s", r.Fingerprint)
	}
}

func TestCloudOf(t *testing.T) {
	t.Parallel()
	const dmi = "sys/class/dmi/id/"
	for _, row := range []struct {
		name, cloud, region string
		files               map[string]string
	}{
		{name: "nothing"},
		{name: "AWS", cloud: "aws", files: map[string]string{dmi + "sys_vendor": "Amazon EC2\n"}},
		{name: "Azure", cloud: "azure", files: map[string]string{dmi + "sys_vendor": "Microsoft Corporation\n", dmi + "chassis_asset_tag": azureTag + "\n"}},
		{name: "Hyper-V at a desk", files: map[string]string{dmi + "sys_vendor": "Microsoft Corporation\n"}},
		{name: "Google", cloud: "gcp", files: map[string]string{dmi + "product_name": "Google Compute Engine\n"}},
		{
			name: "cloud-init on AWS", cloud: "aws", region: "eu-central-1",
			files: map[string]string{"run/cloud-init/instance-data.json": `{"v1": {"cloud_name": "aws", "region": "eu-central-1"}}`},
		},
		{
			name: "cloud-init on Google", cloud: "gcp", region: "us-east1",
			files: map[string]string{"run/cloud-init/instance-data.json": `{"v1": {"cloud-name": "gce", "region": "us-east1"}}`},
		},
		{
			name: "cloud-init that does not know", cloud: "aws",
			files: map[string]string{"run/cloud-init/instance-data.json": `{"v1": {"cloud_name": "unknown"}}`, dmi + "sys_vendor": "Amazon EC2"},
		},
		{name: "a torn file", files: map[string]string{"run/cloud-init/instance-data.json": `{"v1":`}},
	} {
		root := fstest.MapFS{}
		for name, text := range row.files {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if cloud, region := cloudOf(root); cloud != row.cloud || region != row.region {
			t.Errorf("%s: cloudOf = %q, %q, want %q, %q", row.name, cloud, region, row.cloud, row.region)
		}
	}
}
