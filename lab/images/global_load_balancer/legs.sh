# The legs of a wide-area load balancer. Without these variables the functions do nothing.
#
# REDLAB_SITE_NETWORKS (`10.0.1.0/24 10.0.2.0/24`): reached through REDLAB_ROUTER, which has an address in the third place.
# REDLAB_OWN_ADDRESSES (`10.0.0.5=10.0.0.6/24 …`): the leg with the first address also gets the second one.

# Sets the missing routes and addresses. An interface that the engine disconnects and connects again has lost them.
see_to_legs() {
    local one device
    legs_are_there && return
    for one in ${REDLAB_SITE_NETWORKS-}; do
        ip route replace "$one" via "$REDLAB_ROUTER"
    done
    for one in ${REDLAB_OWN_ADDRESSES-}; do
        device=$(ip -oneline -4 address show to "${one%=*}/32" | awk '{ print $2; exit }')
        [ -n "$device" ] || continue
        ip address replace "${one#*=}" dev "$device"
        # Setting the hardware address again makes the kernel announce all addresses to the neighbours (arp_notify).
        ip link set dev "$device" address "$(< "/sys/class/net/$device/address")"
    done
}

# Checks the kernel's current state, without starting a process.
legs_are_there() {
    local one known
    [ -n "${REDLAB_SITE_NETWORKS-}" ] || return 0
    mapfile -t known < /proc/net/fib_trie
    for one in $REDLAB_SITE_NETWORKS ${REDLAB_OWN_ADDRESSES-}; do
        one=${one#*=}
        [[ "${known[*]} " == *"-- ${one%/*} "* ]] || return 1
    done
}
