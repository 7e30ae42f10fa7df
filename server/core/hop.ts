/**
 * Told with every request that goes on to another server: an Inglenook that receives it answers by what it has itself
 * (security.md #56; like `Via` of RFC 9110 §7.6.3, but with no name in it).
 */
export const hopHeader = 'x-inglenook-hop';
