package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"sync"
	"time"

	"checker/targets"
	"checker/targets/docker"
)

// The two nodes of a primary with a standby.
const (
	firstPrimary = "n1"
	firstStandby = "n2"
)

// How often the manager looks, and how long the standby may hear nothing of its
// primary.
const (
	lookEvery = 200 * time.Millisecond
	patience  = 2 * time.Second
)

// manager promotes the standby when it has not heard of its primary for some time, as
// the usual managers do. With synchronous replication it kills the primary first;
// without, it does not, and whose clients still reach it go on there. It does so once
// in a run. From then on it notes when the old primary answers, and when it no longer
// does: nobody has told it that there is another one.
type manager struct {
	env     *docker.Environment
	primary *sql.DB // the old one, once the standby is promoted
	standby *sql.DB
	fences  bool // the old primary is killed first
	reads   bool // from the standby
	notes   io.WriteCloser

	state    sync.Mutex
	fenced   bool
	promoted bool

	stop  context.CancelFunc
	ended chan struct{}
}

func manage(env *docker.Environment, cfg targets.Config) (*manager, error) {
	standby, err := database(env.Address(firstStandby) + ":" + port)
	if err != nil {
		return nil, err
	}
	primary, err := database(env.Address(firstPrimary) + ":" + port)
	if err != nil {
		return nil, err
	}
	primary.SetMaxIdleConns(-1) // each look is at the server that is there by then
	m := &manager{
		env: env, primary: primary, standby: standby, ended: make(chan struct{}),
		fences: cfg.Settings[replicationSetting] == remoteApply,
		reads:  cfg.Settings[readsSetting] == standbyReads,
	}
	if cfg.Log != nil {
		if m.notes, err = cfg.Log("manager"); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.watch(ctx)
	return m, nil
}

func (m *manager) close() {
	m.stop()
	<-m.ended
	m.primary.Close() // an error would be that it is closed
	m.standby.Close()
	if m.notes != nil {
		m.notes.Close()
	}
}

func (m *manager) note(format string, args ...any) {
	if m.notes != nil {
		fmt.Fprintf(m.notes, "%s %s\n", time.Now().UTC().Format(time.RFC3339Nano), fmt.Sprintf(format, args...))
	}
}

// watch fails over when the standby says for long enough that it hears nothing. That it
// does not answer says nothing of its primary.
func (m *manager) watch(ctx context.Context) {
	defer close(m.ended)
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	var silent time.Time // since when
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		hears, err := m.hears(ctx)
		switch {
		case hears || err != nil:
			silent = time.Time{}
		case silent.IsZero():
			silent = time.Now()
		case time.Since(silent) >= patience:
			if err := m.failOver(ctx); err == nil {
				m.watchOld(ctx, ticks.C)
				return
			} else if ctx.Err() == nil {
				m.note("fail-over: %v", err)
			}
		}
	}
}

// watchOld notes whether the old primary answers.
func (m *manager) watchOld(ctx context.Context, ticks <-chan time.Time) {
	whose := "and its clients go on there"
	if m.fences {
		whose = "and no client is sent there"
	}
	for answered := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		answers := m.leads(ctx)
		switch {
		case ctx.Err() != nil || answers == answered:
		case answers:
			m.note("%s takes itself for a primary, beside %s, %s", firstPrimary, firstStandby, whose)
		default:
			m.note("%s does not answer any more", firstPrimary)
		}
		answered = answers
	}
}

// leads asks the old primary whether it takes itself for one.
func (m *manager) leads(ctx context.Context) (yes bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := m.primary.QueryRowContext(ctx, "SELECT NOT pg_is_in_recovery()").Scan(&yes)
	return err == nil && yes
}

// hears asks the standby whether it receives from its primary.
func (m *manager) hears(ctx context.Context) (yes bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = m.standby.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming')").Scan(&yes)
	return yes, err
}

// failOver makes the standby the primary.
func (m *manager) failOver(ctx context.Context) error {
	if m.fences {
		if _, err := m.env.Kill(ctx, firstPrimary); err != nil {
			return fmt.Errorf("%s is not fenced: %w", firstPrimary, err)
		}
		m.set(&m.fenced)
		m.note("killed %s, which %s does not hear any more", firstPrimary, firstStandby)
	}
	if _, err := m.standby.ExecContext(ctx, "SELECT pg_promote()"); err != nil {
		return fmt.Errorf("%s is not promoted: %w", firstStandby, err)
	}
	m.set(&m.promoted)
	m.note("promoted %s", firstStandby)
	return nil
}

func (m *manager) set(flag *bool) {
	m.state.Lock()
	defer m.state.Unlock()
	*flag = true
}

// primaries are the nodes that take writes.
func (m *manager) primaries() []string {
	m.state.Lock()
	defer m.state.Unlock()
	var all []string
	if !m.fenced {
		all = append(all, firstPrimary)
	}
	if m.promoted {
		all = append(all, firstStandby)
	}
	return all
}

// primaryFor is where the clients of a node send what writes: there, if that is a
// primary, else to one that is, or was.
func (m *manager) primaryFor(node string) string {
	found := firstPrimary
	for _, primary := range m.primaries() {
		if primary == node {
			return node
		}
		found = primary
	}
	return found
}

// standbyFor is where the clients of a node send what only reads: the node itself, if
// it is a standby and asked to serve, else nowhere in particular, "".
func (m *manager) standbyFor(node string) string {
	m.state.Lock()
	defer m.state.Unlock()
	if m.reads && node == firstStandby && !m.promoted {
		return node
	}
	return ""
}
