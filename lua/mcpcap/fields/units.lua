--- Units of the numbers of findings, in the order in which these are told: what the field table says of them, and no
-- more, as it is read for each finding that becomes text.  Written by tools/pages.
-- @module mcpcap.fields.units

return {
  counts = [[
    connections=connections; of=connections; by_client=connections; by_server=connections; lookups=-; lookups_slow=-;
    lookups_repeated=-; lookups_failed_first=-; lookups_half_answered=-; handshake_ms=ms; lookups_unanswered=-;
    lookups_no_name=-; lookups_failed=-; lookups_refused=-; claims=-; addresses=-; syn_acks=segments;
    other_resets=segments; syn_acks_before=segments; syn_acks_after=segments; resent_around=segments;
    attempted=connections; completed=connections; completed_retried=connections; answers_missed=connections;
    refused=connections; refused_late=connections; refused_bare=connections; unanswered=connections;
    unanswered_unproven=connections; without_answer=connections; broken_off=connections; half_open=connections;
    handshakes=connections; incomplete=connections; syn_retransmits=segments; syn_ack_count=segments;
    without_client_data=connections; data_echoed=connections; clients=addresses; server_ports=ports;
    opened_by_client=connections; opened_by_server=connections; both_syns=connections; scale_offered=connections;
    scale_agreed=connections; sack_offered=connections; sack_agreed=connections; icmp_errors=frames;
    syn_count=segments; attempts=connections; opened=connections; waited_ms=ms; sent_once=connections;
    client_silent=connections; before_the_last_step=connections; after_it=connections; interval_ms=ms;
    with_data_in_the_syn=connections; by_timestamps=connections; sooner_than_any_timer=connections;
    each_answered=connections; sent_again=segments; retried=connections; closed_ms=ms;
    attempts_of_sweepers=connections; answered_at_other_ports=segments; other_hosts=addresses;
    other_hosts_answered=addresses; attempts_of_scanners=connections; other_ports=ports; icmp_told=frames; mtu=size;
    resets_with_two_signs=connections; other_ttl=connections; other_ip_id=connections; odd_sequence=connections;
    sender_goes_on=connections; too_soon=connections; shortest_ms=ms; longest_ms=ms; silence_ms=ms; lost_bytes=bytes;
    open_bytes=bytes; taken_bytes=bytes; whole_bytes=bytes; refused_bytes=bytes; sent_in_vain=segments;
    gone_here=connections; subflows=connections; reason=-; data_packets=segments; payload_bytes=bytes;
    resent=segments; asked_for=segments; sent_early=segments; data_or_ack=segments; pieces=pieces;
    resent_fins=segments; acks_missing=segments; arrived=segments; timer_too_short=segments; held_back=segments;
    tail_probe=segments; probe=segments; bursts=segments; reported_by_receiver=segments; acknowledgements=segments;
    of_clients=segments; of_server=segments; sack_never_sent=segments; far_sequence=segments;
    far_acknowledgement=segments; far_bytes=bytes; padded=segments; lost_before_capture=segments;
    lost_behind_capture=segments; resent_shorter=segments; after_timeout=segments; reordered=segments;
    duplicated=segments; by_timestamp=segments; by_ip_id=segments; by_time=segments; duplicate_acks=segments;
    dsack_count=blocks; fin_count=segments; gaps=gaps; vanished_bytes=bytes; max_segment=size; segment_bytes=size;
    client_handshake_rtt_ms=ms; server_handshake_rtt_ms=ms; rtt_min_ms=ms; rtt_median_ms=ms; rtt_p95_ms=ms;
    samples=samples; answers=samples; slow=samples; very_slow=samples; acked_late=samples; response_median_ms=ms;
    round_trip_ms=ms; pauses=silences; waits=segments; not_awaited=segments; exchange_ms=ms; requests=samples;
    alerts=connections; ended_by_server=connections; answered_with_http=connections; answered_with_alerts=connections;
    told=connections; ended_by_client=connections; days=-; failures=requests; messages=samples;
    server_first=connections; mean_ms=ms; median_ms=ms; in_all_ms=ms; max_silence_ms=ms; mss=size;
    zero_windows=segments; zero_window_ms=ms; probes=segments; window_full=segments; max_window=bytes;
    keep_alives=segments; keep_alive_acks=segments; idle_gaps=silences; tiny_segments=segments;
    client_packets=segments; server_packets=segments; packets=segments; repeated_frames=segments; segments=segments;
    time_regressions=segments; acked_unseen=segments; not_ended=connections; missing_bytes=bytes; unique_bytes=bytes;
    segments_over_mss=segments; frames=frames; inner_length_frames=frames; compressed_frames=frames;
    overlong_ip_frames=frames; max_regression_ms=ms; spurious_retransmissions=segments; time_exceeded=frames;
    timeless_frames=frames; dropped_by_capture=frames; undecoded_frames=frames; sliced_header_frames=frames;
    sliced_frames=frames; sliced_bytes=bytes; connections_not_kept=segments; with_approximate_bytes=connections;
    with_approximate_rtt=connections; time_ms=ms; throughput_bps=bit/s; sender_idle_share=share; window_share=share;
    repair_share=share; path_share=share; sender_window_share=share; longest_bps=bit/s; best_bps=bit/s;
    window_bps=bit/s; greatest_window=bytes;
  ]],
  compared_counts = [[
    lost_between=segments; lost_bytes=bytes; segments_seen_at_both=segments; connections=connections; silence_ms=ms;
    packets=segments; injected_between=segments; missed_by_capture=segments; undecided=segments;
    duplicated_between=segments; reordered_between=segments; resent_lost_before=segments; resent_lost_behind=segments;
    delay_median_ms=ms; delay_p95_ms=ms; delay_max_ms=ms; answers=samples; near_median_ms=ms; far_median_ms=ms;
    between_median_ms=ms; steps=-;
  ]],
}
