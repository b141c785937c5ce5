//! The harness of chitchat, which speaks the line protocol of bench/peers/lines.ts.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chitchat::transport::UdpTransport;
use chitchat::{
    spawn_chitchat, ChitchatConfig, ChitchatHandle, ChitchatId, FailureDetectorConfig, NodeState,
    ProtocolVersion,
};
use serde_json::{json, Value};
use tokio::io::{AsyncBufReadExt, BufReader};

const GOSSIP_INTERVAL: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    let mut nodes = BTreeMap::new();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let command: Value = serde_json::from_str(&line).expect("a line of JSON");
        match command["do"].as_str() {
            Some("start") => {
                for port in command["ports"].as_array().into_iter().flatten() {
                    let port = port_of(port);
                    nodes.insert(port, start(port, port_of(&command["seed"])).await);
                    report(json!({"type": "started", "node": port}));
                }
            }
            Some("change") => {
                let id = command["id"].as_str().expect("an id");
                let node = &nodes[&port_of(&command["node"])];
                report(json!({"type": "changed", "id": id, "at": now_ms()}));
                node.with_chitchat(|chitchat| chitchat.self_node_state().set(id, "1"))
                    .await;
            }
            // There are no events: the driver does not ask for them.
            _ => report(json!({"type": "error", "message": format!("cannot do {line}")})),
        }
    }
}

async fn start(port: u16, seed: u16) -> ChitchatHandle {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let config = ChitchatConfig {
        // The start time as generation is what types.rs names as typical.
        chitchat_id: ChitchatId::new(port.to_string(), started.as_millis() as u64, address),
        cluster_id: "bench".to_string(),
        gossip_interval: GOSSIP_INTERVAL,
        listen_addr: address,
        seed_nodes: if seed == 0 {
            vec![]
        } else {
            vec![format!("127.0.0.1:{seed}")]
        },
        // As chitchat's own tests/perf_test.rs has it; the rest are its defaults (phi 8).
        failure_detector_config: FailureDetectorConfig {
            initial_interval: GOSSIP_INTERVAL,
            ..Default::default()
        },
        marked_for_deletion_grace_period: Duration::from_secs(2 * 60 * 60),
        catchup_callback: None,
        extra_liveness_predicate: None,
        // "The latest version is V1, which compresses the digest" (configuration.rs).
        protocol_version: ProtocolVersion::V1,
    };
    let handle = spawn_chitchat(config, vec![], &UdpTransport)
        .await
        .expect("a node");
    watch(port, &handle).await;
    handle
}

/// Reports the keys of others as they come, and who is seen alive.
async fn watch(port: u16, handle: &ChitchatHandle) {
    let mut watcher = handle
        .with_chitchat(|chitchat| {
            chitchat
                .subscribe_event("", move |event| {
                    if port_of_id(event.node) != port {
                        let (id, at) = (event.key, now_ms());
                        report(json!({"type": "has", "node": port, "id": id, "at": at}));
                    }
                })
                .forever();
            chitchat.live_nodes_watcher()
        })
        .await;
    tokio::spawn(async move {
        let mut seen = HashSet::new();
        while watcher.changed().await.is_ok() {
            let live = ports_of(&watcher.borrow_and_update(), port);
            report_members("up", port, live.difference(&seen));
            report_members("down", port, seen.difference(&live));
            seen = live;
        }
    });
}

fn ports_of(nodes: &BTreeMap<ChitchatId, NodeState>, without: u16) -> HashSet<u16> {
    nodes
        .keys()
        .map(port_of_id)
        .filter(|port| *port != without)
        .collect()
}

fn report_members<'a>(kind: &str, port: u16, peers: impl Iterator<Item = &'a u16>) {
    for peer in peers {
        report(json!({"type": kind, "node": port, "peer": peer, "at": now_ms()}));
    }
}

fn report(line: Value) {
    // One write for a line: threads share the output.
    let text = format!("{line}\n");
    std::io::stdout()
        .write_all(text.as_bytes())
        .expect("a reader");
}

fn port_of(value: &Value) -> u16 {
    value.as_u64().expect("a port") as u16
}

fn port_of_id(id: &ChitchatId) -> u16 {
    id.gossip_advertise_addr.port()
}

fn now_ms() -> f64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    elapsed.as_micros() as f64 / 1000.0
}
