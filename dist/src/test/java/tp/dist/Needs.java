package tp.dist;

import java.io.File;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import tp.testkit.laptop.Laptop;

/**
 * What a test needs of the machine and the cluster. Where that is missing the test says so and does
 * not run.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Condition.class)
@interface Needs {

    /** Programs in the PATH. */
    String[] value() default {};

    boolean root() default false;

    /** The sandbox, and what of it: what no other cluster has. */
    String sandbox() default "";

    /** Looks, and prints what is missing. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<Needs> needs = context.getElement().map(one -> one.getAnnotation(Needs.class));
            List<String> missing = needs.map(Condition::missing).orElse(List.of());
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("all is there");
            }
            String test =
                    context.getRequiredTestClass().getSimpleName()
                            + context.getTestMethod().map(one -> "." + one.getName()).orElse("");
            String line = "not run: " + test + " needs " + String.join(" and ", missing);
            System.out.println(line);
            return ConditionEvaluationResult.disabled(line);
        }

        private static List<String> missing(Needs needs) {
            List<String> missing = new ArrayList<>();
            for (String program : needs.value()) {
                if (!isInstalled(program)) {
                    missing.add(program);
                }
            }
            if (needs.root() && !isRoot()) {
                missing.add("root");
            }
            if (!needs.sandbox().isEmpty() && !Laptop.isSandbox()) {
                missing.add("the sandbox (" + needs.sandbox() + ")");
            }
            return missing;
        }

        static boolean isInstalled(String program) {
            String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
            return Arrays.stream(path.split(File.pathSeparator, -1))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        }

        private static boolean isRoot() {
            try {
                return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
            } catch (IOException e) {
                return false;
            }
        }
    }
}
