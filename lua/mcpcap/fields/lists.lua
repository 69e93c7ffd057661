--- Where lists and maps lie in a result, by part: what the field table says of it, and no more, as it is read for each
-- result that becomes JSON.  Written by tools/pages.
-- @module mcpcap.fields.lists

return {
  result = [[
    files=list of text; client_to_server=direction; server_to_client=direction; analysis=analysis;
    connections=list of connection; connection_sums=connection_sums; capture=capture; timeline=timeline;
    icmp=list of icmp; dns=name_lookups; hardware=hardware; tls=tls; http=http; candidates=list of candidate;
  ]],
  direction = [[
    limits=limits; rtt_ms=durations; ttl=map of integer; examples=examples;
  ]],
  examples = [[
    retransmissions=frames; out_of_order=frames; lost_segments=frames; acked_unseen=frames; duplicate_acks=frames;
    zero_windows=frames; window_full=frames; keep_alives=frames; resets=frames; syns=frames; syn_retransmits=frames;
    capture_duplicates=frames; reordered=frames; tiny_segments=frames; segments_over_mss=frames; padding=frames;
    far_numbers=frames; sack_outside=frames; ack_loop=frames; unseen_acks=frames; probes=frames; resent_fins=frames;
    lost_before=frames; lost_behind=frames; arrived=frames; acks_missing=frames; asked_for=frames;
    timer_too_short=frames; held_back=frames; tail_probe=frames; probe=frames; to_reset=frames; to_silence=frames;
    unsettled=frames;
  ]],
  durations = [[
    spread=spread;
  ]],
  spread = [[
    edges_ms=list of number; counts=list of integer;
  ]],
  analysis = [[
    findings=list of finding; withheld=list of withheld; resets=resets; latency=latency;
  ]],
  finding = [[
    evidence=evidence;
  ]],
  evidence = [[
    counter_evidence=list of text; frames=frames;
  ]],
  resets = [[
    refused=reset_phase; half_open=reset_phase; without_data=reset_phase; mid_data=reset_phase;
    half_closed=reset_phase; late=reset_phase; after_close=reset_phase; stray=reset_phase; signs=signs;
  ]],
  reset_phase = [[
    frames=pair of frames;
  ]],
  signs = [[
    frames=pair of frames;
  ]],
  latency = [[
    handshake_rtt_ms=pair of durations; data_rtt_ms=pair of durations; server_response_ms=durations;
    client_think_ms=durations; slow_answer_frames=frames;
  ]],
  connection = [[
    reset=connection_reset; server_response_ms=durations; client_to_server=connection_direction;
    server_to_client=connection_direction; tls=connection_tls; http=connection_http;
  ]],
  connection_reset = [[
    signs=list of text;
  ]],
  connection_direction = [[
    rtt_ms=durations;
  ]],
  connection_sums = [[
    outcomes=map of pair of outcome; states=map of integer; other_ports_answered_frames=frames; stray_frames=frames;
    silent_frames=frames; unaccepted_frames=frames; black_hole_frames=pair of frames; answers=answers;
    attempts=attempts;
  ]],
  attempts = [[
    stale_frames=frames; held_frames=frames; replayed_frames=frames; syn_acks_differ_frames=frames;
    deferred_frames=frames; syn_data_left_frames=frames; window_shut_frames=frames; swallowed_frames=frames;
  ]],
  outcome = [[
    frames=frames;
  ]],
  tls = [[
    versions=map of integer; sni=list of said; alpn=list of said; server_hello_ms=durations; handshake_ms=durations;
    first_data_ms=durations; slow_frames=frames; unanswered=unanswered; not_spoken=not_spoken; hello_lost=hello_lost;
    hello_cut=hello_cut; alerts=list of tls_alert; certificates=list of tls_certificate;
  ]],
  unanswered = [[
    frames=frames;
  ]],
  not_spoken = [[
    frames=frames;
  ]],
  hello_lost = [[
    frames=frames;
  ]],
  hello_cut = [[
    frames=frames;
  ]],
  tls_alert = [[
    frames=frames;
  ]],
  http = [[
    status=map of integer; fine=http_answers; failed=http_answers; gateway=http_answers; unanswered=unanswered;
    requests_cut_short=cut_short; answers_cut_short=cut_short; answers_broken_off=answers_left;
    answers_stalled=answers_left; to_tls=to_tls;
  ]],
  http_answers = [[
    answer_ms=durations; frames=frames;
  ]],
  cut_short = [[
    frames=frames;
  ]],
  to_tls = [[
    frames=frames;
  ]],
  answers_left = [[
    frames=frames;
  ]],
  connection_tls = [[
    alerts=list of told_alert;
  ]],
  connection_http = [[
    status=map of integer;
  ]],
  name_lookups = [[
    wait_ms=durations; connect_ms=durations; slow_frames=frames; names=list of said; lost=lost_lookups;
  ]],
  lost_lookups = [[
    unanswered=lost_kind; no_name=lost_kind; failed=lost_kind; refused=lost_kind;
  ]],
  lost_kind = [[
    frames=frames;
  ]],
  answers = [[
    asked=answer_kind; unasked=answer_kind; relayed=answer_kind; long_poll=answer_kind; late_ack_ms=durations;
    first_byte=long_times; first_pause=long_times; unspoken=long_times; halts=long_times; drips=long_times;
    one_way=long_times; client=answer_side; server=answer_side;
  ]],
  answer_kind = [[
    frames=frames;
  ]],
  long_times = [[
    frames=frames;
  ]],
  answer_side = [[
    unheard_frames=frames; ack_wait_ms=durations; ack_wait_frames=frames; small_mss=small_mss;
  ]],
  small_mss = [[
    frames=frames;
  ]],
  limits = [[
    by=map of limited;
  ]],
  limited = [[
    frames=frames;
  ]],
  capture = [[
    link_types=list of link_type;
  ]],
  timeline = [[
    client_to_server=timeline_direction; server_to_client=timeline_direction;
  ]],
  timeline_direction = [[
    packets=list of integer; payload_bytes=list of integer; retransmissions=list of integer; resets=list of integer;
    zero_windows=list of integer;
  ]],
  icmp = [[
    frames=frames;
  ]],
  hardware = [[
    from_server=hardware_side; to_clients=hardware_side; arp=hardware_claims;
  ]],
  hardware_side = [[
    addresses=list of hardware_address;
  ]],
  hardware_claims = [[
    addresses=list of hardware_claim;
  ]],
  view = [[
    other_servers=list of other_server; capture=capture;
  ]],
  other_server = [[
    ports=list of integer;
  ]],
  view_connections = [[
    connections=list of view_connection; issues=list of text;
  ]],
  view_anomalies = [[
    statistics=view_statistics; patterns=list of view_pattern; summary=view_anomalies_summary;
  ]],
  view_statistics = [[
    handshake=map of integer; flags=map of integer; rst_distribution=view_rst_distribution;
    retransmissions=view_resent; connection_states=map of integer;
  ]],
  view_rst_distribution = [[
    by_source=map of integer; by_direction=map of integer; connections_with_rst=list of text;
  ]],
  view_resent = [[
    by_connection=map of integer;
  ]],
  view_pattern = [[
    observations=view_observations;
  ]],
  view_observations = [[
    affected_connections=list of text; by_connection=map of integer;
  ]],
  view_anomalies_summary = [[
    by_category=map of integer; notable_observations=list of view_notable;
  ]],
  view_retransmissions = [[
    by_connection=list of view_lossy;
  ]],
  comparison = [[
    points=list of compared_point; stretches=list of compared_stretch; analysis=compared_analysis;
    singles=list of result; between=list of text; order_by=list of text; connections=compared_connections;
    client_to_server=compared_direction; server_to_client=compared_direction; answers=compared_answers;
    pairs=list of compared_pair; ladder=compared_ladder;
  ]],
  compared_stretch = [[
    between=list of text; order_by=list of text; connections=compared_connections;
    client_to_server=compared_direction; server_to_client=compared_direction; answers=compared_answers;
    pairs=list of compared_pair; ladder=compared_ladder;
  ]],
  compared_point = [[
    findings=list of finding;
  ]],
  compared_connections = [[
    seen=map of integer; frames=compared_connection_frames; unpaired=compared_unpaired;
  ]],
  compared_connection_frames = [[
    syn_answered_between=map of frames; rebound=map of frames;
  ]],
  compared_unpaired = [[
    outside=map of integer; no_partner=map of integer; unanswered=map of integer; window=map of integer;
  ]],
  compared_ladder = [[
    clients=map of text; steps=list of compared_step;
  ]],
  compared_step = [[
    at_ms=map of number; frames=map of integer;
  ]],
  compared_direction = [[
    missed_by_capture=map of integer; resegmented=map of integer; changed=map of compared_change; delay_ms=durations;
    frames=compared_frames;
  ]],
  compared_frames = [[
    lost_between=map of frames; injected_between=map of frames; missed_by_capture=map of frames;
    duplicated_between=map of frames; reordered_between=map of frames;
  ]],
  compared_change = [[
    frames=map of frames;
  ]],
  compared_answers = [[
    near_ms=durations; far_ms=durations; between_ms=durations;
  ]],
  compared_pair = [[
    clients=map of text; first_frames=map of integer; packets=map of integer; longest_answer=compared_answer;
  ]],
  compared_answer = [[
    ms=map of number; frames=map of integer;
  ]],
  compared_analysis = [[
    findings=list of compared_finding;
  ]],
  compared_finding = [[
    between=list of text; evidence=compared_evidence; single=list of compared_said;
  ]],
  compared_evidence = [[
    frames=map of frames; display_filters=map of text;
  ]],
  told_connection = [[
    files=list of text; other_frames=frames; tls=told_tls; connection=connection; segments=list of told_segment;
    capture=capture;
  ]],
  told_tls = [[
    alerts=list of told_alert;
  ]],
  told_segment = [[
    options=told_options; labels=list of text;
  ]],
  told_options = [[
    sack=list of integer;
  ]],
  overview = [[
    files=list of text; servers=list of overview_server; closed_hosts=list of closed_host; beside=beside;
    capture=capture;
  ]],
  overview_server = [[
    frames=frames; findings=list of text;
  ]],
  beside = [[
    arp_conflicts=list of arp_conflict; dns=dns;
  ]],
  arp_conflict = [[
    macs=list of text; frames=frames;
  ]],
  dns = [[
    wait_ms=durations;
  ]],
}
