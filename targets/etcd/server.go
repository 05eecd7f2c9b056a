package etcd

import (
	"fmt"
	"regexp"
	"strings"

	"checker/targets/docker"
)

// The ports of a server.
const (
	clientPort = "2379"
	peerPort   = "2380"
)

// dataFolder is where the volume of a node is.
const dataFolder = "/data"

var versionForm = regexp.MustCompile(`^3\.\d+\.\d+$`)

func checkVersion(version string) error {
	if !versionForm.MatchString(version) {
		return fmt.Errorf("setting version of etcd cannot be %q: expected a release such as 3.7.3 or 3.5.4", version)
	}
	return nil
}

// recipe makes the image of a server: the one program, alone.
func recipe(version string) docker.Recipe {
	return docker.GoServer("etcd", "go.etcd.io/etcd/server/v3", "v"+version)
}

// command starts a server, as a member of the cluster of all nodes.
func command(n docker.Node, all []docker.Node) docker.Command {
	members := make([]string, len(all))
	for i, m := range all {
		members[i] = m.Name + "=http://" + m.Address + ":" + peerPort
	}
	return docker.Command{Args: []string{
		"/etcd", "--name", n.Name, "--data-dir", dataFolder + "/etcd",
		"--listen-client-urls", "http://0.0.0.0:" + clientPort,
		"--advertise-client-urls", "http://" + n.Address + ":" + clientPort,
		"--listen-peer-urls", "http://0.0.0.0:" + peerPort,
		"--initial-advertise-peer-urls", "http://" + n.Address + ":" + peerPort,
		"--initial-cluster", strings.Join(members, ","),
		"--initial-cluster-state", "new",
	}}
}
