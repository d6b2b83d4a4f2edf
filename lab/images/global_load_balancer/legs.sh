# The legs of a wide-area load balancer, for the program of this image. Elsewhere nothing is asked for, nothing is done.
#
# REDLAB_SITE_NETWORKS (`10.0.1.0/24 10.0.2.0/24`) are reached by REDLAB_ROUTER, which has an address in the third place.
# REDLAB_OWN_ADDRESSES (`10.0.0.5=10.0.0.6/24 …`): the leg that has the first address gets the second one as well.

# Does what is not done. An interface loses all this when the engine disconnects it, and comes back without.
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
        # The same hardware address again: the kernel tells the neighbours of every address there (arp_notify).
        ip link set dev "$device" address "$(< "/sys/class/net/$device/address")"
    done
}

# Whether they are as they should be: by what the kernel says now, not by what was done. Starts no process.
legs_are_there() {
    local one known
    [ -n "${REDLAB_SITE_NETWORKS-}" ] || return 0
    mapfile -t known < /proc/net/fib_trie
    for one in $REDLAB_SITE_NETWORKS ${REDLAB_OWN_ADDRESSES-}; do
        one=${one#*=}
        [[ "${known[*]} " == *"-- ${one%/*} "* ]] || return 1
    done
}
