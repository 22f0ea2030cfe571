package tp.sandbox.node;

import tools.jackson.databind.JsonNode;

/**
 * The arithmetic of a rolling update.
 *
 * @param surge how many pods there may be beyond the wanted number
 * @param unavailable how many of the wanted number may be missing
 */
record Rollout(int wanted, int surge, int unavailable) {

    static Rollout of(JsonNode deployment) {
        int wanted = Json.number(deployment, "/spec/replicas", 1);
        JsonNode rolling = deployment.at("/spec/strategy/rollingUpdate");
        int surge = number(rolling.path("maxSurge"), wanted, true);
        int unavailable = number(rolling.path("maxUnavailable"), wanted, false);
        // Both can come out as zero, with which nothing would ever change.
        return new Rollout(wanted, surge, surge + unavailable == 0 ? 1 : unavailable);
    }

    /** {@return a number, or a share of {@code whole}, rounded up or down} */
    static int number(JsonNode value, int whole, boolean up) {
        String text = value.asString("0");
        if (!text.endsWith("%")) {
            return Integer.parseInt(text);
        }
        int hundredths = Integer.parseInt(text.substring(0, text.length() - 1)) * whole;
        return up ? Math.ceilDiv(hundredths, 100) : hundredths / 100;
    }

    int minAvailable() {
        return Math.max(0, wanted - unavailable);
    }

    /** {@return how many pods the new template may have now} */
    int grown(int now, int others) {
        if (now >= wanted) {
            return wanted;
        }
        return now + Math.clamp(wanted + surge - others - now, 0, wanted - now);
    }

    /** {@return how many pods of old templates may go, if they are not counted on} */
    int mayGo(int current, int currentAvailable, int others) {
        int newUnavailable = current - currentAvailable;
        return Math.max(0, current + others - minAvailable() - newUnavailable);
    }
}
